/// Text for an HTML or SVG document.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A number with so many decimals, the same on every machine.
func fixed(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite else { return value.isNaN ? "n/a" : value < 0 ? "-∞" : "∞" }
  var power = 1
  for _ in 0..<digits { power *= 10 }
  let scaled = (abs(value) * Double(power)).rounded()
  guard scaled < 1e15 else { return "\(value)" }
  let (whole, rest) = Int(scaled).quotientAndRemainder(dividingBy: power)
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard digits > 0 else { return "\(sign)\(whole)" }
  let decimals = "\(rest)"
  return "\(sign)\(whole).\(String(repeating: "0", count: digits - decimals.count))\(decimals)"
}

/// The frame of a report: one file, light and dark, without scripts.
func page(title: String, body: String) -> String {
  """
  <!doctype html>
  <html lang="en">
  <head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>\(escaped(title))</title>
  <style>
  :root { color-scheme: light dark; --ink: #1d2129; --soft: #626a76; --line: #d8dce3; --paper: #ffffff;
          --mark: #1f6feb; --area: #1f6feb22; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e6e9ee; --soft: #9aa3b0; --line: #363c46; --paper: #14171c; --mark: #6cb0ff; --area: #6cb0ff26; }
  }
  body { margin: 2.5rem auto; max-width: 46rem; padding: 0 1.25rem; background: var(--paper); color: var(--ink);
         font: 16px/1.55 system-ui, sans-serif; }
  h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .4rem; }
  h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
  p.lead { color: var(--soft); margin: 0 0 1.6rem; }
  dl { display: flex; flex-wrap: wrap; gap: .6rem 2.2rem; margin: 1.2rem 0; }
  dt { color: var(--soft); font-size: .85rem; }
  dd { margin: 0; font-size: 1.45rem; font-variant-numeric: tabular-nums; }
  svg { width: 100%; max-width: 36rem; height: auto; display: block; }
  svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
  svg .name { fill: var(--ink); }
  .grid { stroke: var(--line); stroke-width: 1; }
  .chance { stroke: var(--soft); stroke-dasharray: 4 4; }
  .curve { fill: none; stroke: var(--mark); stroke-width: 2.2; stroke-linejoin: round; }
  .area { fill: var(--area); }
  .bar { fill: var(--mark); opacity: .75; }
  .whisker { stroke: var(--ink); stroke-width: 1.6; }
  </style>
  </head>
  <body>
  \(body)
  </body>
  </html>

  """
}
