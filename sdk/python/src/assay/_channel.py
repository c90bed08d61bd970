"""The worker's end of the socket pair: whole packets in and out."""

import array
import os
import socket
from typing import Any, List, Optional, Tuple

from . import _wire
from ._wire import HEADER, ProtocolError

_ANCILLARY = socket.CMSG_SPACE(253 * 4)
_CLOEXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


class Channel:
    def __init__(self, descriptor: int) -> None:
        self.socket = socket.socket(fileno=descriptor)
        os.set_inheritable(descriptor, False)
        self.socket.setblocking(True)
        self._buffer = bytearray(_wire.PACKET)
        self._view = memoryview(self._buffer)

    def fileno(self) -> int:
        return self.socket.fileno()

    def receive(self, flags: int = 0) -> Optional[Tuple[int, Any, List[int]]]:
        """Kind, body and blob descriptors (the caller's) of the next packet; None at the end.

        The body is overwritten by the next call. Raises ProtocolError, BlockingIOError with MSG_DONTWAIT.
        """
        try:
            size, ancillary, got, _ = self.socket.recvmsg_into([self._buffer], _ANCILLARY, _CLOEXEC | flags)
        except ConnectionResetError:
            return None
        descriptors = array.array("i")
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(data[:len(data) - len(data) % 4])
        owned = descriptors.tolist()
        if size == 0:
            return None
        try:
            if got & (socket.MSG_TRUNC | socket.MSG_CTRUNC) or size < HEADER.size:
                raise ProtocolError("a packet was cut off")
            magic, kind, packet_flags, length = HEADER.unpack_from(self._buffer)
            if magic != _wire.MAGIC or packet_flags > 1:
                raise ProtocolError("not a packet of this protocol")
            if not packet_flags:
                if length != size - HEADER.size:
                    raise ProtocolError("the body has %d bytes, its header says %d" % (size - HEADER.size, length))
                return kind, self._view[HEADER.size:size], owned
            if not owned or size != HEADER.size:
                raise ProtocolError("a body in a descriptor came without one")
            body = _wire.map_descriptor(owned[0])
            os.close(owned.pop(0))
            if body.nbytes < length:
                raise ProtocolError("the body's descriptor is too short")
            return kind, body[:length], owned
        except BaseException:
            close_all(owned)
            raise

    def send(self, kind: int, body: Any, descriptors: Any = ()) -> None:
        """Sends one packet; the descriptors stay the caller's. Raises OSError when the engine is gone."""
        data, every = _wire.packet(kind, body, descriptors)
        try:
            if every:
                rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", every))
                self.socket.sendmsg([data], [rights], socket.MSG_NOSIGNAL)
            else:
                self.socket.send(data, socket.MSG_NOSIGNAL)
        finally:
            if len(every) > len(descriptors):
                os.close(every[0])


def close_all(descriptors: List[int]) -> None:
    while descriptors:
        os.close(descriptors.pop())
