// Curves (light/curves.js) of ordinary photos as functions of a shader.

export const SRGB_FUNCTIONS = `
vec3 srgb_encoded(vec3 linear) {
  vec3 high = 1.055 * pow(max(linear, 0.0031308), vec3(1.0 / 2.4)) - 0.055;
  return mix(high, 12.92 * linear, vec3(lessThanEqual(linear, vec3(0.0031308))));
}
vec3 srgb_decoded(vec3 encoded) {
  vec3 high = pow((max(encoded, 0.04045) + 0.055) / 1.055, vec3(2.4));
  return mix(high, encoded / 12.92, vec3(lessThanEqual(encoded, vec3(0.04045))));
}`;

const FUNCTIONS = {
  srgb: (name) => `
vec3 ${name}_encoded(vec3 linear) { return srgb_encoded(linear); }
vec3 ${name}_decoded(vec3 encoded) { return srgb_decoded(encoded); }`,

  rec709: (name) => `
vec3 ${name}_encoded(vec3 linear) {
  vec3 high = 1.099 * pow(max(linear, 0.018), vec3(0.45)) - 0.099;
  return mix(high, 4.5 * linear, vec3(lessThan(linear, vec3(0.018))));
}
vec3 ${name}_decoded(vec3 encoded) {
  vec3 high = pow((max(encoded, 0.081) + 0.099) / 1.099, vec3(1.0 / 0.45));
  return mix(high, encoded / 4.5, vec3(lessThan(encoded, vec3(0.081))));
}`,

  root: (name) => `
vec3 ${name}_encoded(vec3 linear) { return sqrt(linear); }
vec3 ${name}_decoded(vec3 encoded) { return encoded * encoded; }`,

  power: (name) => `
uniform float ${name}_gamma;
vec3 ${name}_encoded(vec3 linear) { return pow(linear, vec3(1.0 / ${name}_gamma)); }
vec3 ${name}_decoded(vec3 encoded) { return pow(encoded, vec3(${name}_gamma)); }`,
};

/** The kind of functions that a curve takes. */
export const kindOf = ({ kind, gamma }) => (kind === "power" && gamma === 2 ? "root" : kind);

/** `NAME_encoded` and `NAME_decoded` of colours from 0 to 1, for curves of a kind. */
export const functionsOf = (name, kind) => FUNCTIONS[kind](name);

/** Set what these functions need of a curve; `at(name)` is where a uniform is. */
export function setCurve(gl, at, name, curve) {
  if (kindOf(curve) === "power") gl.uniform1f(at(`${name}_gamma`), curve.gamma);
}
