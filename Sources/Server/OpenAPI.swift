internal import Values
internal import Workspace

/// The description of the interface, OpenAPI 3.1, made of the table of routes: it cannot say anything else than the server does.
enum OpenAPI {
  static func document(_ routes: [API.Route]) -> JSON {
    [
      "openapi": "3.1.0",
      "info": [
        "title": "Assay", "version": .string(Workspace.version),
        "description": """
        A project: its experiments, runs and artifacts. Documents are those that the command line prints with --json; \
        docs/assay.output.schema.json has their schemas in full.
        """,
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "paths": .object(paths(routes)),
      "components": [
        "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
        "schemas": [
          "Decision": ["oneOf": .array(DecisionRequest.kinds.map(decision))], "Error": document("assay.error/1"),
        ],
        "responses": [
          "Error": [
            "description": "Why not, as a command prints it.",
            "content": ["application/json": ["schema": ["$ref": "#/components/schemas/Error"]]],
          ]
        ],
      ],
    ]
  }

  private static func paths(_ all: [API.Route]) -> [JSON.Member] {
    var paths: [(path: String, routes: [API.Route])] = []
    for route in all {
      if let place = paths.firstIndex(where: { $0.path == route.path }) {
        paths[place].routes.append(route)
      } else {
        paths.append((route.path, [route]))
      }
    }
    return paths.map { path, routes in
      .init(path, .object(routes.map { .init($0.method.lowercased(), operation($0)) }))
    }
  }

  private static func operation(_ route: API.Route) -> JSON {
    var members: [JSON.Member] = [
      .init("summary", .string(route.summary)),
      .init("parameters", .array(pathParameters(route) + route.query.map(parameter))),
    ]
    if route.isWrite {
      members += [
        .init("security", [["token": []]]),
        .init(
          "requestBody",
          [
            "required": true,
            "content": ["application/json": ["schema": ["$ref": "#/components/schemas/Decision"]]],
          ]),
      ]
    }
    let isStream = route.path.hasSuffix("/events")
    let content: JSON =
      isStream
      ? ["text/event-stream": ["schema": ["type": "string"]]]
      : ["application/json": ["schema": route.schema.isEmpty ? ["type": "object"] : document(route.schema)]]
    var responses: [JSON.Member] = [
      .init(route.isWrite ? "201" : "200", ["description": .string(route.summary), "content": content])
    ]
    let errors = [400, 401, 403, 404] + (route.isWrite ? [409] : []) + [421, 422, 503]
    for status in errors { responses.append(.init("\(status)", ["$ref": "#/components/responses/Error"])) }
    members.append(.init("responses", .object(responses)))
    return .object(members)
  }

  private static func pathParameters(_ route: API.Route) -> [JSON] {
    route.segments.filter { $0.hasPrefix("{") }.map { name in
      [
        "name": .string(String(name.dropFirst().dropLast())), "in": "path", "required": true,
        "schema": ["type": "string", "minLength": 1],
      ]
    }
  }

  private static func parameter(_ parameter: API.Parameter) -> JSON {
    [
      "name": .string(parameter.name), "in": "query", "required": .bool(parameter.isNeeded),
      "description": .string(parameter.summary),
      "schema": schema(parameter),
    ]
  }

  private static func schema(_ parameter: API.Parameter) -> JSON {
    guard let range = parameter.range else { return ["type": "string"] }
    var members: [JSON.Member] = [
      .init("type", "integer"), .init("minimum", .int(Int64(range.lowerBound))),
      .init("maximum", .int(Int64(range.upperBound))),
    ]
    if let usual = parameter.usual { members.append(.init("default", .int(Int64(usual)))) }
    return .object(members)
  }

  /// A document that names its schema.
  private static func document(_ schema: String) -> JSON {
    [
      "type": "object", "required": ["schema"],
      "properties": ["schema": ["const": .string(schema)]],
    ]
  }

  private static func decision(_ kind: DecisionRequest.Kind) -> JSON {
    var properties: [JSON.Member] = [
      .init("operation", ["const": .string(kind.name)]), .init("reason", ["type": "string"]),
      .init("basis", ["type": "integer", "minimum": 0]),
    ]
    var required: [JSON] = ["operation"]
    for (name, type) in kind.fields {
      let isOptional = type.hasSuffix("?")
      let types = (isOptional ? type.dropLast() : type[...]).split(separator: "|").map { JSON.string(String($0)) }
      properties.append(.init(name, ["type": types.count == 1 ? types[0] : .array(types)]))
      if !isOptional { required.append(.string(name)) }
    }
    return [
      "type": "object", "required": .array(required), "properties": .object(properties), "additionalProperties": false,
    ]
  }
}
