/// How a picture looks. Every colour pair has a contrast of 4.5 or more; nothing is said by colour alone.
enum Stylesheet {
  static let text = """

    .assay{font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
    .assay .paper{fill:#f8fafc}
    .assay .title{font-size:19px;font-weight:650;fill:#0f172a}
    .assay .doc{font-size:13px;fill:#475569}
    .assay .edge{fill:none;stroke:#94a3b8;stroke-width:1.6}
    .assay .edge.items{stroke-width:3}
    .assay .edge.condition{stroke-dasharray:2 4;stroke-linecap:round}
    .assay .edge.idle{stroke-dasharray:6 4;stroke:#cbd5e1}
    .assay .box{fill:#ffffff;stroke:#cbd5e1;stroke-width:1.2}
    .assay .inner{fill:none;stroke:#cbd5e1}
    .assay .workflow .box,.assay .workflow .inner{stroke:#64748b}
    .assay .vary .box{stroke:#64748b;stroke-width:1.5;stroke-dasharray:6 4}
    .assay .input .box,.assay .output .box{fill:#e2e8f0;stroke:none}
    .assay .input .type{fill:#475569}
    .assay .output .box{fill:#334155}
    .assay .output .name{fill:#ffffff}
    .assay .output .type{fill:#cbd5e1}
    .assay circle{fill:#f8fafc;stroke:#64748b;stroke-width:1.4}
    .assay text{fill:#334155}
    .assay .name{font-size:14px;font-weight:600;fill:#0f172a}
    .assay .callee{font:11.5px ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace;fill:#475569}
    .assay .type,.assay .setting,.assay .variant{fill:#64748b}
    .assay .chosen{fill:#0f172a;font-weight:600}
    .assay .right{text-anchor:end}
    .assay .pill{font-size:11px;text-anchor:middle}
    .assay rect.badge{fill:#f1f5f9;stroke:#e2e8f0}
    .assay text.badge{fill:#475569}
    \(phases.map { ".assay rect.\($0.name){fill:\($0.pale)}.assay text.\($0.name){fill:\($0.deep)}" }.joined(separator: "\n"))
    @media (prefers-color-scheme:dark){
    .assay .paper{fill:#0b1120}
    .assay .title{fill:#f1f5f9}
    .assay .doc{fill:#94a3b8}
    .assay .edge{stroke:#64748b}
    .assay .edge.idle{stroke:#334155}
    .assay .box{fill:#1e293b;stroke:#334155}
    .assay .inner{stroke:#475569}
    .assay .workflow .box,.assay .workflow .inner,.assay .vary .box{stroke:#94a3b8}
    .assay .input .box{fill:#334155}
    .assay .output .box{fill:#e2e8f0}
    .assay .output .name{fill:#0f172a}
    .assay .output .type{fill:#475569}
    .assay circle{fill:#0b1120;stroke:#94a3b8}
    .assay text{fill:#cbd5e1}
    .assay .name,.assay .chosen{fill:#f1f5f9}
    .assay .callee,.assay .type,.assay .setting,.assay .variant{fill:#94a3b8}
    .assay .input .type{fill:#cbd5e1}
    .assay rect.badge{fill:#0f172a;stroke:#334155}
    .assay text.badge{fill:#cbd5e1}
    \(phases.map { ".assay rect.\($0.name){fill:\($0.deep)}.assay text.\($0.name){fill:\($0.pale)}" }.joined(separator: "\n"))
    }

    """

  private static let phases: [(name: String, pale: String, deep: String)] = [
    ("problem_definition", "#e2e8f0", "#334155"), ("acquisition", "#dbeafe", "#1e40af"),
    ("preparation", "#ccfbf1", "#115e59"), ("development", "#ede9fe", "#5b21b6"),
    ("validation", "#fef3c7", "#92400e"), ("deployment", "#dcfce7", "#166534"),
    ("monitoring", "#ffedd5", "#9a3412"), ("management", "#fce7f3", "#9d174d"),
    ("scalability", "#cffafe", "#155e75"), ("governance", "#fee2e2", "#991b1b"),
  ]
}
