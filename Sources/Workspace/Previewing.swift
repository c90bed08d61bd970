package import Execution
internal import Plans
internal import Traces
internal import Values
internal import Workflows

extension Workspace {
  /// What a run would do. Reads the store if there is one; writes nothing.
  package func preview(_ prepared: Prepared) throws(WorkspaceError) -> Preview {
    let store = Layout.exists(layout.store + "/trace.db") ? try readableStore() : nil
    var inputs: [Value] = []
    for (input, value) in zip(prepared.plan.inputs, prepared.inputs) {
      do {
        inputs.append(try value.withDigests())
      } catch {
        let reason = (error as? WorkspaceError)?.message ?? "\(error)"
        throw WorkspaceError(.notFound, "input `\(input.name)`: \(reason)")
      }
    }
    return Preview(
      plan: prepared.plan, inputs: inputs, seed: prepared.request.seed, reuses: prepared.request.reuses,
      digest: { value in (try? value.withDigests())?.contentDigest() },
      reusable: { key in
        guard let store, let found = try? store.trace.reusable(key), let outputs = store.decode(found.outputs) else {
          return nil
        }
        return Recorded(run: found.run, at: found.at, outputs: outputs)
      })
  }
}
