// The formulas of light/develop.js for the graphics card.

import NUMBERS from "../light/numbers.json" with { type: "json" };

const { highlights_from, shadows_to, reach_ev, lift_ev, detail_ev, soft, floor_ev, top_ev } = NUMBERS.develop;
const float = (value) => (Number.isInteger(value) ? `${value}.0` : String(value));

/** `developed(light, at)`: light of a pixel at `at`, in shares of the photo, as it is to be clipped and encoded. */
export const DEVELOP = `
uniform sampler2D map;          // slope and offset of the surroundings, and of reconstructed highlights
uniform vec3 weights;           // luminances of red, green and blue
uniform float ev;
uniform float highlights;       // -1 to 1, as shadows
uniform float shadows;
uniform float gradient_ev;
uniform bool in_line;           // the gradient goes along a line; else it is in reconstructed highlights
uniform vec3 line;              // how far along it: dot(at, line.xy) - line.z

float level_of(float x, float around) {
  float z = (x - around) / ${float(detail_ev)};
  float beyond = max(x, 0.0);
  return beyond - ${float(detail_ev)} * beyond / (beyond + 0.5) * z * inversesqrt(1.0 + z * z);
}

vec3 developed(vec3 light, vec2 at) {
  float stops = ev;
  float gain = 0.0;
  bool moves = highlights != 0.0 || shadows != 0.0;
  bool in_area = gradient_ev != 0.0 && !in_line;
  float own = 0.0;
  vec4 told = vec4(0.0);
  if (moves || in_area) {
    own = log2(clamp(dot(light, weights), ${2 ** floor_ev}, ${float(2 ** top_ev)}));
    told = textureLod(map, at, 0.0);
  }
  if (in_line) {
    float t = clamp(dot(at, line.xy) - line.z, 0.0, 1.0);
    stops += gradient_ev * (1.0 - t * t * (3.0 - 2.0 * t));
  }
  if (in_area) stops += gradient_ev * clamp(told.z * own + told.w, 0.0, 1.0);
  if (moves) {
    float around = told.x * own + told.y + stops;
    own += stops;
    if (highlights != 0.0) {
      float level = level_of(own - ${float(Math.log2(highlights_from))}, around - ${float(Math.log2(highlights_from))});
      gain += highlights * level * level / (${float(reach_ev)} + abs(highlights) * level);
    }
    if (shadows != 0.0) {
      float u = level_of(${float(Math.log2(shadows_to))} - own, ${float(Math.log2(shadows_to))} - around) / ${float(lift_ev)};
      gain += shadows * ${float(lift_ev)} * u * u / (1.0 + u * u);
    }
  }
  light *= exp2(stops + gain);
  if (highlights >= 0.0) return light;
  float grey = min(dot(light, weights), 1.0);
  float chroma = (max(light.r, max(light.g, light.b)) - grey) / max(1.0 - grey, 1e-6);
  float soft = ${float(soft)} * clamp((grey - ${float(highlights_from)}) / ${float(1 - highlights_from)}, 0.0, 1.0);
  float beyond = chroma - 1.0 + soft;
  if (beyond <= 0.0) return light;
  float kept = (1.0 - soft + soft * beyond / (soft + beyond + 1e-6)) / max(chroma, 1e-6);
  return grey + (1.0 + highlights * (1.0 - kept)) * (light - grey);
}`;

/** Set what these functions need for a look; `at(name)` is where a uniform is. */
export function setDeveloping(gl, at, { ev, highlights, shadows, gradient }, weights, width, height) {
  gl.uniform1f(at("ev"), ev);
  gl.uniform1f(at("highlights"), highlights / 100);
  gl.uniform1f(at("shadows"), shadows / 100);
  gl.uniform3f(at("weights"), ...weights);
  gl.uniform1f(at("gradient_ev"), gradient?.ev ?? 0);
  gl.uniform1i(at("in_line"), Number(gradient?.where === "line" && gradient.ev !== 0));
  if (!gradient) return;
  const [x0, y0] = [gradient.from[0] * width, gradient.from[1] * height];
  const [dx, dy] = [gradient.to[0] * width - x0, gradient.to[1] * height - y0];
  const long = dx * dx + dy * dy;
  gl.uniform3f(at("line"), (dx * width) / long, (dy * height) / long, (x0 * dx + y0 * dy) / long);
}
