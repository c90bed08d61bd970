// Starts `assay lsp` and lets the language client do the rest.
const { workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  const command = workspace.getConfiguration("assay").get("path") || "assay";
  const server = { command, args: ["lsp"], transport: TransportKind.stdio };
  const options = { documentSelector: [{ language: "assay" }] };
  client = new LanguageClient("assay", "Assay", server, options);
  await client.start();
};

exports.deactivate = () => client?.stop();
