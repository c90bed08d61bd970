package import Diagnostics

/// Something that a check of a manifest found.
package struct Finding: Sendable {
  package enum Subject: Sendable, Hashable {
    case broken(Int)
    case function(Int)
    case parameter(Int, Int)
    case result(Int)
    case structure(Int)
    case field(Int, String)
  }

  package var subject: Subject
  package var message: String
  package var declared: String
  package var real: String

  init(_ subject: Subject, _ message: String, declared: String = "", real: String = "") {
    self.subject = subject
    self.message = message
    self.declared = declared
    self.real = real
  }

  init(_ index: Int, _ function: FunctionManifest.Function, _ difference: Difference, _ source: String) {
    declared = difference.declared
    real = difference.real
    switch difference.place {
    case .parameter(let number):
      subject = .parameter(index, number)
      message =
        "parameter \(number + 1) of `\(function.symbol)`, `\(function.parameters[number].name)`, is declared `\(declared)`; "
        + "\(source) says `\(real)`"
    case .result:
      subject = .result(index)
      message = "the result of `\(function.symbol)` is declared `\(declared)`; \(source) says `\(real)`"
    case .whole:
      subject = .function(index)
      message = "`\(function.symbol)` is declared with \(declared); \(source) says \(real)"
    }
  }
}

extension FunctionManifest {
  /// A finding as a diagnostic that points at the declaration.
  package func diagnostic(_ finding: Finding, code: String) -> Diagnostic {
    var label = finding.declared.isEmpty ? "declared here" : "declared `\(finding.declared)`"
    let span: Span
    switch finding.subject {
    case .broken(let library):
      span = libraries[library].span
      label = "its header"
    case .function(let index): span = functions[index].symbolSpan
    case .parameter(let index, let number): span = functions[index].parameters[number].typeSpan
    case .result(let index): span = functions[index].resultSpan ?? functions[index].symbolSpan
    case .structure(let index): span = structures[index].span
    case .field(let index, let name):
      span = structures[index].fields.first { $0.name == name }?.span ?? structures[index].span
    }
    let isWarning = if case .broken = finding.subject { true } else { false }
    return Diagnostic(
      isWarning ? "W0901" : code, isWarning ? .warning : .error, finding.message, at: .init(file, span, label))
  }
}
