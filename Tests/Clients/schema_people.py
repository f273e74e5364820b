"""Schemas as they stand in documentations, tutorials and issues: of many hands and drafts."""


def obj(properties, required=None, **more):
    return {
        "type": "object", "properties": properties, **({"required": required} if required is not None else {}), **more
    }


STRING, INTEGER, NUMBER, BOOLEAN = ({"type": t} for t in ("string", "integer", "number", "boolean"))

PEOPLE = [
    # The getting-started pages.
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.com/product.schema.json",
        "title": "Product", "description": "A product in the catalog", "type": "object", "properties": {
            "productId": {"description": "The unique identifier for a product",
                          "type": "integer"}, "productName": STRING, "price": {"type": "number", "exclusiveMinimum": 0},
            "tags": {"type": "array", "items": STRING, "minItems": 1, "uniqueItems": True},
            "dimensions": obj({"length": NUMBER, "width": NUMBER, "height": NUMBER}, ["length", "width", "height"])
        }, "required": ["productId", "productName", "price"]
    },
    {
        "$schema": "http://json-schema.org/draft-07/schema#", "title": "Person", **obj({
            "firstName": STRING, "lastName": STRING,
            "age": {"description": "Age in years.", "type": "integer", "minimum": 0}
        })
    },
    obj(
        {
            "latitude": {"type": "number", "minimum": -90, "maximum": 90},
            "longitude": {"type": "number", "minimum": -180, "maximum": 180}
        }, ["latitude", "longitude"],
        title="Longitude and Latitude Values"),
    {
        "type": "object", "properties": {
            "fruits": {"type": "array", "items": STRING},
            "vegetables": {"type": "array", "items": {"$ref": "#/$defs/veggie"}}
        }, "$defs": {"veggie": obj({"veggieName": STRING, "veggieLike": BOOLEAN}, ["veggieName", "veggieLike"])}
    },
    {
        "type": "object", "properties": {"/": {}}, "patternProperties": {"^(/[^/]+)+$": {}},
        "additionalProperties": False, "required": ["/"]
    },
    {
        "type": "array", "prefixItems": [
            NUMBER, STRING, {"enum": ["Street", "Avenue", "Boulevard"]}, {"enum": ["NW", "NE", "SW", "SE"]}
        ]
    },
    {"type": "array", "prefixItems": [NUMBER, STRING], "items": False},
    {
        "$schema": "http://json-schema.org/draft-07/schema#", "type": "array", "items": [STRING, INTEGER],
        "additionalItems": False, "minItems": 2
    },
    {
        "type": "object", "patternProperties": {"^S_": STRING, "^I_": INTEGER}, "additionalProperties": False,
        "minProperties": 1
    },
    {
        "type": "object", "properties": {"builtin": NUMBER}, "patternProperties": {"^S_": STRING, "^I_": INTEGER},
        "additionalProperties": STRING
    },
    {"type": "object", "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}},
    {"type": "object", "minProperties": 2, "maxProperties": 3},
    {"type": "string", "pattern": "^(\\([0-9]{3}\\))?[0-9]{3}-[0-9]{4}$"},
    {"type": "string", "minLength": 2, "maxLength": 3},
    {"type": "number", "multipleOf": 10},
    {"type": "number", "minimum": 0, "exclusiveMaximum": 100},
    {"enum": ["red", "amber", "green", None, 42]},
    {"const": "United States of America"},
    {"type": ["number", "string"]},
    {"allOf": [{"type": "string"}, {"maxLength": 5}]},
    {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "number", "minimum": 0}]},
    {
        "type": "object", "properties": {"name": STRING, "credit_card": NUMBER, "billing_address": STRING},
        "required": ["name"], "dependentRequired": {"credit_card": ["billing_address"]}
    },
    {
        "$defs": {
            "address": obj({"street_address": STRING, "city": STRING, "state": {"enum": ["CA", "NY"]}},
                           ["street_address", "city", "state"])
        }, "type": "object", "properties": {
            "billing_address": {"$ref": "#/$defs/address"}, "shipping_address": {
                "allOf": [{"$ref": "#/$defs/address"},
                          {"properties": {"type": {"enum": ["residential", "business"]}}, "required": ["type"]}]
            }
        }, "required": ["shipping_address"]
    },
    {
        "definitions": {
            "person": obj(
                {
                    "name": STRING,
                    "children": {"type": "array", "items": {"$ref": "#/definitions/person"}, "maxItems": 2}
                }, ["name"])
        }, "type": "object", "properties": {"person": {"$ref": "#/definitions/person"}}, "required": ["person"]
    },
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [{"$ref": "#/$defs/base"},
                                                                             obj({"extra": BOOLEAN}, ["extra"])],
        "unevaluatedProperties": False,
        "$defs": {"base": obj({"id": INTEGER, "label": {"type": "string", "maxLength": 12}}, ["id"])}
    },
    # Chat APIs' pages about structured outputs and function calling.
    obj(
        {
            "location": {"type": "string", "description": "City and country e.g. Bogotá, Colombia"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}
        }, ["location", "unit"],
        additionalProperties=False,
        strict=True),
    obj({"location": STRING, "format": {"type": ["string", "null"], "enum": ["celsius", "fahrenheit", None]}},
        ["location", "format"],
        additionalProperties=False),
    obj(
        {
            "steps": {
                "type": "array", "items": obj({"explanation": STRING, "output": STRING}, ["explanation", "output"],
                                              additionalProperties=False)
            }, "final_answer": STRING
        }, ["steps", "final_answer"],
        additionalProperties=False),
    {
        "type": "object", "properties": {
            "item": {
                "anyOf": [
                    obj({"name": STRING, "age": NUMBER}, ["name", "age"],
                        additionalProperties=False,
                        description="The user to insert"),
                    obj({"number": STRING, "street": STRING, "city": STRING}, ["number", "street", "city"],
                        additionalProperties=False)
                ]
            }
        }, "required": ["item"], "additionalProperties": False
    },
    {
        "type": "object", "properties": {"linked_list": {"$ref": "#/$defs/linked_list_node"}}, "$defs": {
            "linked_list_node": obj(
                {"value": NUMBER, "next": {"anyOf": [{"$ref": "#/$defs/linked_list_node"}, {"type": "null"}]}},
                ["next", "value"],
                additionalProperties=False)
        }, "additionalProperties": False, "required": ["linked_list"]
    },
    {
        "type": "object", "properties": {
            "type": {"type": "string", "enum": ["div", "button", "header"]}, "label": STRING,
            "children": {"type": "array", "items": {"$ref": "#"}}, "attributes": {
                "type": "array", "items": obj({"name": STRING, "value": STRING}, ["name", "value"],
                                              additionalProperties=False)
            }
        }, "required": ["type", "label", "children", "attributes"], "additionalProperties": False
    },
    obj(
        {
            "city": STRING, "date": {"type": "string", "format": "date"},
            "guests": {"type": "integer", "minimum": 1, "maximum": 12}, "email": {"type": "string", "format": "email"}
        }, ["city", "date", "guests"],
        additionalProperties=False),
    obj(
        {
            "command": {"const": "search"}, "arguments": obj(
                {
                    "query": {"type": "string", "minLength": 1}, "top_k": {
                        "type": "integer", "minimum": 1, "maximum": 50, "default": 5
                    }, "filters": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
                }, ["query"])
        }, ["command", "arguments"]),
    obj(
        {
            "sentiment": {"type": "string", "enum": ["positive", "negative", "neutral"]},
            "confidence": {"type": "number", "minimum": 0.0, "maximum": 1.0}, "keywords": {
                "type": "array", "items": {"type": "string", "minLength": 2}, "minItems": 1, "maxItems": 5,
                "uniqueItems": True
            }
        }, ["sentiment", "confidence", "keywords"],
        additionalProperties=False),
    # OpenAPI documents.
    obj(
        {
            "id": {"type": "integer", "format": "int64"
                   }, "petId": {"type": "integer", "format": "int64", "example": 198772},
            "quantity": {"type": "integer", "format": "int32"}, "shipDate": {"type": "string", "format": "date-time"},
            "status": {"type": "string", "description": "Order Status", "enum": ["placed", "approved", "delivered"]
                       }, "complete": BOOLEAN
        },
        xml={"name": "order"}),
    obj(
        {
            "id": {"type": "integer", "format": "int64", "example": 10}, "name": {
                "type": "string", "example": "doggie"
            }, "category": obj({"id": {"type": "integer", "format": "int64"}, "name": STRING}), "photoUrls": {
                "type": "array", "xml": {"wrapped": True}, "items": STRING
            }, "status": {"type": "string", "enum": ["available", "pending", "sold"]}
        }, ["name", "photoUrls"]),
    obj(
        {
            "code": {"type": "integer", "format": "int32", "minimum": 100, "maximum": 599}, "message": STRING,
            "x-internal": {"type": "string"}
        }, ["code", "message"], **{"x-stoplight": {"id": "abc"}}),
    {
        "discriminator": {"propertyName": "petType"}, "oneOf": [
            obj({"petType": {"type": "string", "enum": ["cat"]}, "hunts": BOOLEAN}, ["petType"]),
            obj({"petType": {"type": "string", "enum": ["dog"]}, "bark": STRING}, ["petType"])
        ]
    },
    {
        "$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "properties": {
            "rating": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 5},
            "percent": {"type": "number", "format": "double"}
        }, "required": ["rating"]
    },
    {"type": "object", "additionalProperties": {"type": "string"}},
    {"type": "object", "additionalProperties": {"type": "integer", "format": "int32"}, "minProperties": 1},
    # Configuration files.
    {
        "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {
            "name": {
                "type": "string", "pattern": "^(?:@[a-z0-9-*~][a-z0-9-*._~]*/)?[a-z0-9-~][a-z0-9-._~]*$",
                "maxLength": 214
            }, "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$"},
            "private": {"type": "boolean", "default": False}, "license": {"anyOf": [STRING, {"enum": ["MIT", "ISC"]}]},
            "scripts": {"type": "object", "additionalProperties": STRING},
            "keywords": {"type": "array", "items": STRING}, "engines": obj({"node": STRING},
                                                                           additionalProperties=STRING)
        }, "required": ["name", "version"]
    },
    obj(
        {
            "version": {"type": "string", "enum": ["3.8", "3.9"]}, "services": {
                "type": "object", "minProperties": 1, "maxProperties": 2, "patternProperties": {
                    "^[a-zA-Z0-9._-]+$": obj(
                        {
                            "image": {"type": "string", "minLength": 1}, "ports": {
                                "type": "array", "items": {"type": "string", "pattern": r"^\d{1,5}:\d{1,5}$"},
                                "uniqueItems": True
                            }, "environment": {
                                "oneOf": [{
                                    "type": "object", "additionalProperties": {"type": ["string", "number", "null"]}
                                }, {"type": "array", "items": STRING}]
                            }, "restart": {"enum": ["no", "always", "on-failure"]}
                        }, ["image"],
                        additionalProperties=False)
                }, "additionalProperties": False
            }
        }, ["version", "services"]),
    obj(
        {
            "host": {"type": "string", "format": "hostname"},
            "port": {"type": "integer", "minimum": 1, "maximum": 65535}, "tls": BOOLEAN, "peers": {
                "type": "array", "items": {
                    "anyOf": [{"type": "string", "format": "ipv4"}, {"type": "string", "format": "ipv6"}]
                }, "maxItems": 3
            }, "timeout": {"type": "string", "format": "duration"}
        }, ["host", "port"],
        additionalProperties=False),
    obj(
        {
            "cron": {"type": "string", "pattern": r"^(\*|[0-5]?\d)( (\*|\d{1,2})){4}$"},
            "timezone": {"type": "string", "pattern": "^[A-Z][a-z]+/[A-Z][A-Za-z_]+$"}, "enabled": BOOLEAN
        }, ["cron"]),
    # Records of every trade.
    obj(
        {
            "isbn": {"type": "string", "pattern": r"^(97(8|9))?\d{9}(\d|X)$"}, "title": {
                "type": "string", "minLength": 1, "maxLength": 120
            }, "year": {"type": "integer", "minimum": 1450, "maximum": 2100}, "authors": {
                "type": "array", "items": obj(
                    {"name": STRING, "orcid": {"type": "string", "pattern": r"^\d{4}-\d{4}-\d{4}-\d{3}[0-9X]$"}},
                    ["name"]), "minItems": 1, "maxItems": 3
            }
        }, ["isbn", "title", "authors"]),
    obj(
        {
            "iban": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"}, "bic": {
                "type": "string", "pattern": "^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$"
            }, "amount": {"type": "number", "minimum": 0.01, "maximum": 999999.99, "multipleOf": 0.01},
            "currency": {"type": "string", "minLength": 3, "maxLength": 3, "pattern": "^[A-Z]{3}$"}
        }, ["iban", "amount", "currency"],
        additionalProperties=False),
    obj(
        {
            "username": {"type": "string", "minLength": 3, "maxLength": 16, "pattern": "^[a-z][a-z0-9_]*$"},
            "password": {"type": "string", "minLength": 8, "pattern": r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).+$"},
            "birthday": {"type": "string", "format": "date"}, "website": {"type": "string", "format": "uri"}, "roles": {
                "type": "array", "items": {"enum": ["admin", "editor", "viewer"]}, "uniqueItems": True, "minItems": 1
            }
        }, ["username", "password", "roles"],
        additionalProperties=False),
    obj(
        {
            "vin": {"type": "string", "pattern": "^[A-HJ-NPR-Z0-9]{17}$"}, "plate": {
                "type": "string", "pattern": "^[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} [1-9][0-9]{0,3}$"
            }, "mileage": {"type": "integer", "minimum": 0, "maximum": 2000000},
            "color": {"type": "string", "pattern": "^#(?:[0-9a-f]{3}){1,2}$"}
        }, ["vin"]),
    obj(
        {
            "id": {"type": "string", "format": "uuid"}, "createdAt": {"type": "string", "format": "date-time"},
            "temperature": {"type": "number", "minimum": -273.15},
            "humidity": {"type": "number", "minimum": 0, "maximum": 1}, "readings": {
                "type": "array", "items": {"type": "number", "exclusiveMinimum": -50, "exclusiveMaximum": 50},
                "minItems": 2, "maxItems": 4
            }
        }, ["id", "createdAt", "readings"]),
    {
        "type": "object", "required": ["type", "coordinates"], "properties": {
            "type": {"enum": ["Point"]},
            "coordinates": {"type": "array", "minItems": 2, "items": NUMBER,
                            "maxItems": 3}, "bbox": {"type": "array", "minItems": 4, "maxItems": 4, "items": NUMBER}
        }
    },
    {
        "oneOf": [
            obj({"kind": {"const": "card"}, "last4": {"type": "string", "pattern": "^[0-9]{4}$"}}, ["kind", "last4"]),
            obj({"kind": {"const": "sepa"}, "iban": STRING}, ["kind", "iban"]),
            obj({"kind": {"const": "cash"}}, ["kind"])
        ]
    },
    {
        "type": "object", "properties": {
            "email": {"type": "string", "format": "email"},
            "phone": {"type": "string", "pattern": r"^\+?[0-9 ()-]{7,20}$"}
        }, "anyOf": [{"required": ["email"]}, {"required": ["phone"]}]
    },
    {
        "type": "object", "properties": {"path": STRING, "url": {"type": "string", "format": "uri"}},
        "oneOf": [{"required": ["path"]}, {"required": ["url"]}]
    },
    {"oneOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]},
    {"oneOf": [{"type": "integer", "maximum": 0}, {"type": "integer", "minimum": 10}]},
    {
        "type": "object", "properties": {
            "a": {"allOf": [{"minimum": 1}, {"maximum": 10}], "type": "integer"},
            "b": {"allOf": [{"$ref": "#/$defs/short"}, {"pattern": "^x"}]}
        }, "required": ["a", "b"], "$defs": {"short": {"type": "string", "maxLength": 4}}
    },
    {
        "type": "array", "items": {
            "type": "object", "required": ["q", "options", "answer"], "properties": {
                "q": {"type": "string",
                      "minLength": 5}, "options": {"type": "array", "items": STRING, "minItems": 2, "maxItems": 3},
                "answer": {"type": "integer", "minimum": 0, "maximum": 2}
            }
        }, "minItems": 1, "maxItems": 2
    },
    obj(
        {
            "matrix": {
                "type": "array", "items": {
                    "type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 1}, "minItems": 3,
                    "maxItems": 3
                }, "minItems": 3, "maxItems": 3
            }
        }, ["matrix"]),
    obj(
        {
            "big": {"type": "integer", "minimum": 10000000000000000000, "maximum": 18446744073709551615}, "small": {
                "type": "number", "exclusiveMinimum": 0, "maximum": 1e-6
            }, "negative": {"type": "number", "minimum": -1.5, "maximum": -0.25},
            "odd": {"type": "integer", "minimum": 7, "maximum": 7}
        }, ["big", "small", "negative", "odd"]),
    obj(
        {
            "time": {"type": "string", "format": "time"}, "pointer": {"type": "string", "format": "json-pointer"},
            "ref": {"type": "string", "format": "uri-reference"}, "expr": {"type": "string", "format": "regex"},
            "host": {"type": "string", "format": "idn-hostname"
                     }, "template": {"type": "string", "format": "uri-template"}
        }, ["time", "pointer", "ref", "expr", "host", "template"]),
    obj(
        {
            "emoji": {"type": "string", "minLength": 1, "maxLength": 2}, "word": {
                "type": "string", "pattern": r"\bcat\b", "maxLength": 20
            }, "text": {"type": "string", "pattern": r"^[^\n\"\\]{1,30}$"}, "letters": {
                "type": "string", "pattern": r"^\S+\s\S+$", "maxLength": 12
            }, "no": {"type": "string", "pattern": "^(?!admin$|root$)[a-z]{4,6}$"}
        }, ["emoji", "word", "text", "letters", "no"]),
]
