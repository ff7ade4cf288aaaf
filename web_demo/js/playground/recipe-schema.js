// Parser of the recipes' JSON Schema: the operations of a rendition and their fields.

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {"number" | "toggle" | "choice" | "color" | "text" | "object" | "variants"} kind
 * @property {string} description the first paragraph
 * @property {string} more the other paragraphs
 * @property {string} unit
 * @property {boolean} isRequired
 * @property {boolean} isNullable
 * @property {any} [initial] the schema's default
 * @property {number} [min]
 * @property {number} [max]
 * @property {boolean} [isInteger]
 * @property {any[]} [choices]
 * @property {boolean} [hasAlpha]
 * @property {number} [maxLength]
 * @property {string} [pattern]
 * @property {Field[]} [fields] of an object
 * @property {Record<string, Field[]>} [variants] by the value of `tag`
 * @property {string} [tag]
 */

/** Operations by group; `Other` holds those of the schema that are not listed here. */
export const GROUPS = {
  Geometry: ["resize", "crop", "trim", "rotate", "flip", "flop", "corners", "circle", "pad"],
  Color: [
    "brightness",
    "contrast",
    "saturation",
    "hue",
    "gamma",
    "normalize",
    "grayscale",
    "sepia",
    "tint",
    "negate",
    "threshold",
    "background",
    "color",
  ],
  Filters: ["blur", "sharpen", "median", "pixelate", "emboss", "edges"],
  Watermark: ["watermark"],
  Output: ["output"],
  Other: [],
};

const UNITS = { "Pixels.": "px" };

/** Fields without a use in a recipe of one rendition. */
const EXCLUDED = new Set(["name", "densities"]);

/**
 * Returns the operations of a rendition by group.
 * @param {any} schema the JSON Schema document
 * @returns {Record<string, Field[]>}
 */
export function operations(schema) {
  const fields = fieldsOf(schema, schema.$defs.Rendition).filter(({ name }) => !EXCLUDED.has(name));
  const known = new Set(Object.values(GROUPS).flat());
  return Object.fromEntries(
    Object.entries(GROUPS).map(([group, names]) => [
      group,
      group === "Other"
        ? fields.filter(({ name }) => !known.has(name))
        : names.flatMap((name) => fields.filter((field) => field.name === name)),
    ]),
  );
}

function fieldsOf(schema, object) {
  const required = new Set(object.required ?? []);
  return Object.entries(object.properties ?? {}).map(([name, definition]) =>
    field(schema, name, definition, required.has(name)),
  );
}

/** @returns {Field} */
function field(schema, name, definition, isRequired) {
  const options = (definition.anyOf ?? [definition]).map((each) => resolve(schema, each));
  const types = options.filter(({ type }) => type !== "null");
  const own = { ...types[0], ...definition };
  const common = {
    name,
    ...parseDescription(definition.description ?? types[0].description ?? ""),
    isRequired,
    isNullable: types.length < options.length,
    initial: definition.default ?? undefined,
  };
  if (definition.discriminator) {
    const tag = definition.discriminator.propertyName;
    const variants = Object.fromEntries(
      types.map((each) => [
        each.properties[tag].enum[0],
        fieldsOf(schema, each).filter((part) => part.name !== tag),
      ]),
    );
    return { ...common, kind: "variants", tag, variants };
  }
  if (types[0].type === "object") {
    return { ...common, kind: "object", fields: fieldsOf(schema, types[0]) };
  }
  if (own.enum) return { ...common, kind: "choice", choices: own.enum };
  if (own.type === "boolean") return { ...common, kind: "toggle" };
  if (own.type === "number" || own.type === "integer") {
    return {
      ...common,
      kind: "number",
      min: own.minimum ?? own.exclusiveMinimum,
      max: own.maximum,
      isInteger: own.type === "integer",
    };
  }
  if (own.pattern?.startsWith("^#")) {
    return { ...common, kind: "color", hasAlpha: own.pattern.includes("{2}") };
  }
  return { ...common, kind: "text", maxLength: own.maxLength, pattern: own.pattern };
}

/** Splits a description: a first paragraph of one word is a unit. */
function parseDescription(text) {
  const [first, ...rest] = text.replaceAll("`", "").split("\n\n");
  const isUnit = /^\w+\.$/.test(first);
  return {
    description: isUnit ? "" : first,
    more: rest.join(" "),
    unit: isUnit ? (UNITS[first] ?? first.slice(0, -1).toLowerCase()) : "",
  };
}

function resolve(schema, definition) {
  if (!definition.$ref) return definition;
  const path = definition.$ref.replace(/^#\//, "").split("/");
  return path.reduce((found, part) => found[part], schema);
}
