extension DocumentJSON {
  /// The JSON Schema (2020-12) of the form; `docs/assay.document.schema.json` is the same text.
  package static let jsonSchema = #"""
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "assay.document/1",
      "description": "An .assay document as JSON. See docs/json.md.",
      "type": "object",
      "properties": {
        "schema": { "const": "assay.document/1" },
        "uses": { "type": "array", "items": { "$ref": "#/$defs/use" } },
        "workflows": { "type": "array", "items": { "$ref": "#/$defs/workflow" } },
        "experiments": { "type": "array", "items": { "$ref": "#/$defs/experiment" } },
        "policies": { "type": "array", "items": { "$ref": "#/$defs/experiment" } }
      },
      "required": ["schema"],
      "additionalProperties": false,
      "$defs": {
        "name": { "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" },
        "dotted": { "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*$" },
        "doc": { "type": "string", "description": "The `##` comment, lines separated by \\n." },
        "type": { "type": "string", "minLength": 1, "description": "In the type grammar of the language: `list<float>`, `int(2..20)`." },
        "use": {
          "type": "object",
          "properties": {
            "plugin": { "$ref": "#/$defs/dotted" },
            "path": { "type": "string" },
            "as": { "$ref": "#/$defs/name" }
          },
          "oneOf": [{ "required": ["plugin"] }, { "required": ["path"] }],
          "additionalProperties": false
        },
        "workflow": {
          "type": "object",
          "properties": {
            "name": { "$ref": "#/$defs/name" },
            "doc": { "$ref": "#/$defs/doc" },
            "inputs": { "type": "array", "items": { "$ref": "#/$defs/input" } },
            "steps": { "type": "array", "items": { "$ref": "#/$defs/step" } },
            "outputs": { "type": "array", "items": { "$ref": "#/$defs/output" } }
          },
          "required": ["name"],
          "additionalProperties": false
        },
        "input": {
          "type": "object",
          "properties": {
            "name": { "$ref": "#/$defs/name" },
            "doc": { "$ref": "#/$defs/doc" },
            "type": { "$ref": "#/$defs/type" },
            "default": { "$ref": "#/$defs/expression" }
          },
          "required": ["name", "type"],
          "additionalProperties": false
        },
        "output": {
          "type": "object",
          "properties": {
            "name": { "$ref": "#/$defs/name" },
            "doc": { "$ref": "#/$defs/doc" },
            "type": { "$ref": "#/$defs/type" },
            "value": { "$ref": "#/$defs/expression" }
          },
          "required": ["name", "type", "value"],
          "additionalProperties": false
        },
        "arguments": {
          "type": "object",
          "propertyNames": { "$ref": "#/$defs/name" },
          "additionalProperties": { "$ref": "#/$defs/expression" }
        },
        "step": {
          "type": "object",
          "properties": {
            "name": { "$ref": "#/$defs/name" },
            "doc": { "$ref": "#/$defs/doc" },
            "call": { "$ref": "#/$defs/dotted", "not": { "const": "vary" }, "description": "A task or workflow. Either this or `variants`." },
            "arguments": { "$ref": "#/$defs/arguments", "description": "By parameter; of a variability point: what all variants take." },
            "variants": { "type": "array", "items": { "$ref": "#/$defs/variant" } },
            "default": { "$ref": "#/$defs/name" },
            "foreach": {
              "type": "object",
              "properties": {
                "items": { "type": "array", "items": { "$ref": "#/$defs/name" }, "minItems": 1 },
                "in": { "$ref": "#/$defs/expression" },
                "max": { "type": "integer", "minimum": 0 }
              },
              "required": ["items", "in"],
              "additionalProperties": false
            },
            "when": { "$ref": "#/$defs/expression" },
            "phase": { "$ref": "#/$defs/name" },
            "options": { "type": "array", "items": { "$ref": "#/$defs/option" } }
          },
          "required": ["name"],
          "oneOf": [{ "required": ["call"] }, { "required": ["variants"] }],
          "dependentRequired": { "default": ["variants"] },
          "additionalProperties": false
        },
        "variant": {
          "type": "object",
          "properties": {
            "name": { "$ref": "#/$defs/name" },
            "doc": { "$ref": "#/$defs/doc" },
            "call": { "$ref": "#/$defs/dotted" },
            "arguments": { "$ref": "#/$defs/arguments" }
          },
          "required": ["name", "call"],
          "additionalProperties": false
        },
        "option": {
          "description": "The words of one line: [\"retry\", 4, \"on\", \"io.timeout\"].",
          "type": "array",
          "prefixItems": [{ "type": "string" }],
          "items": {
            "anyOf": [
              { "type": "string" },
              { "type": "number", "minimum": 0 },
              {
                "type": "object",
                "properties": { "string": { "type": "string" } },
                "required": ["string"],
                "additionalProperties": false
              }
            ]
          },
          "minItems": 1
        },
        "experiment": {
          "type": "object",
          "properties": {
            "name": { "$ref": "#/$defs/name" },
            "doc": { "$ref": "#/$defs/doc" },
            "text": { "type": "string", "description": "What stands between its braces." }
          },
          "required": ["name", "text"],
          "additionalProperties": false
        },
        "expression": {
          "anyOf": [
            { "type": ["null", "boolean", "number", "string"] },
            { "type": "array", "items": { "$ref": "#/$defs/expression" } },
            {
              "type": "object",
              "properties": { "ref": { "type": "array", "items": { "$ref": "#/$defs/name" }, "minItems": 1 } },
              "required": ["ref"],
              "additionalProperties": false
            },
            {
              "type": "object",
              "properties": { "record": { "$ref": "#/$defs/arguments" } },
              "required": ["record"],
              "additionalProperties": false
            },
            {
              "type": "object",
              "properties": {
                "call": { "$ref": "#/$defs/dotted" },
                "arguments": { "type": "array", "items": { "$ref": "#/$defs/expression" } }
              },
              "required": ["call"],
              "additionalProperties": false
            },
            {
              "type": "object",
              "properties": { "field": { "$ref": "#/$defs/name" }, "of": { "$ref": "#/$defs/expression" } },
              "required": ["field", "of"],
              "additionalProperties": false
            },
            {
              "type": "object",
              "properties": {
                "op": { "enum": ["-", "not"] },
                "of": { "type": "array", "items": { "$ref": "#/$defs/expression" }, "minItems": 1, "maxItems": 1 }
              },
              "required": ["op", "of"],
              "additionalProperties": false
            },
            {
              "type": "object",
              "properties": {
                "op": { "enum": ["==", "!=", "<", "<=", ">", ">="] },
                "of": { "type": "array", "items": { "$ref": "#/$defs/expression" }, "minItems": 2, "maxItems": 2 }
              },
              "required": ["op", "of"],
              "additionalProperties": false
            },
            {
              "type": "object",
              "properties": {
                "op": { "enum": ["??", "or", "and", "+", "-", "*", "/"] },
                "of": { "type": "array", "items": { "$ref": "#/$defs/expression" }, "minItems": 2, "maxItems": 200 }
              },
              "required": ["op", "of"],
              "additionalProperties": false
            },
            {
              "type": "object",
              "properties": {
                "duration": { "type": "string", "pattern": "^[0-9.]+(d|h|m|s|ms|us|ns)$" },
                "size": { "type": "string", "pattern": "^[0-9.]+([kKMGT]B|[KMGT]iB|B)$" },
                "quantity": { "type": "string" },
                "number": { "type": "string", "pattern": "^[0-9][0-9.eE+-]*$" }
              },
              "minProperties": 1,
              "maxProperties": 1,
              "additionalProperties": false
            }
          ]
        }
      }
    }

    """#
}
