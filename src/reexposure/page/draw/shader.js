// The picture, for each pixel of the canvas: light -> develop -> clip -> encode.

import { SRGB_FUNCTIONS, functionsOf } from "./curves.js";
import { OVER_FROM, OVER_FULL } from "../light/camera.js";
import { DEVELOP } from "./develop.js";

export const VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0;  // one triangle over everything
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

// The photo is an sRGB texture only so that reducing it averages light, as reducing \`light\` does;
// \`encoded_input\` takes that back.
/**
 * For light that was decoded by a curve of a kind (see curves.js). `own`: the kind of curve of the photo's colour space
 * where the canvas does not know that space. Without a conversion a frame takes a quarter less time.
 */
export const fragment = (kind, own = null) => `#version 300 es
precision highp float;
uniform sampler2D photo;        // the photo; its alpha
uniform sampler2D light;        // linear light; a: how far reconstructed, > 0 over-, < 0 under-exposed
uniform vec2 size_px;           // of the photo
uniform vec3 view;              // where its left top is on the canvas, and canvas pixels a photo pixel
uniform float canvas_height_px;
uniform float level;            // of reduction of the textures, the same everywhere
uniform float factor;           // 2 ** ev, for the plain brightness change
uniform float divider_px;       // what lies left of it is "before"
uniform vec2 split_px;          // where the second half begins, if before and after are side by side; else 0
uniform bool lit;               // the light is there
uniform bool plain;             // show the plain brightness change
uniform bool plain_before;      // "before" is the plain brightness change, not the photo as it is
uniform bool transparent;
uniform bool reconstructed;
uniform sampler2D drawn;        // stops that detail adds, see light/detail.js
uniform float detail;           // how much of them, 0 to 1
uniform int clipping;           // 0 none, 1 of what is shown, 2 of the photo
out vec4 colour;
${SRGB_FUNCTIONS}
${functionsOf("light", kind)}
${DEVELOP}
${own ? `uniform mat3 to_canvas; // of linear light, from the photo's colour space${functionsOf("space", own)}` : ""}

vec3 encoded(vec3 linear) {
  return light_encoded(min(linear, 1.0));
}

vec3 encoded_input(vec2 at) {
  return srgb_encoded(textureLod(photo, at, level).rgb);
}

vec3 light_at(vec2 at) {
  vec3 faithful = textureLod(light, at, level).rgb;
  if (detail == 0.0) return faithful;
  vec3 taken = encoded_input(at);
  vec3 over = clamp((taken - ${OVER_FROM}) / ${OVER_FULL - OVER_FROM}, 0.0, 1.0);
  if (all(equal(over, vec3(0.0)))) return faithful;
  vec3 own = pow(light_decoded(taken), 1.0 - over); // what no detail darkens
  vec3 light = max(own, faithful * exp2(over * detail * textureLod(drawn, at, 0.0).rgb));
  return mix(faithful, light, vec3(greaterThan(over, vec3(0.0))));
}

void main() {
  vec2 from_top = vec2(gl_FragCoord.x, canvas_height_px - gl_FragCoord.y);
  bool split = split_px.x + split_px.y > 0.0;
  bool second = split && all(greaterThanEqual(from_top, split_px));
  bool before = split ? !second : from_top.x < divider_px;
  if (second) from_top -= split_px;
  vec2 at = (from_top - view.xy) / view.z / size_px;
  if (any(lessThan(at, vec2(0.0))) || any(greaterThanEqual(at, vec2(1.0)))) {
    colour = vec4(0.0);
    return;
  }
  bool from_photo = plain || before || !lit;
  vec3 shown;
  if (from_photo) {
    vec3 taken = encoded_input(at);
    vec3 linear = ${kind === "srgb" ? "textureLod(photo, at, level).rgb" : "light_decoded(taken)"};
    float changed = before && !plain && !plain_before ? 1.0 : factor;
    shown = encoded(linear * changed);
  } else {
    shown = encoded(developed(light_at(at), at));
  }
  vec3 own = shown;
  ${own ? "shown = srgb_encoded(clamp(to_canvas * space_decoded(shown), 0.0, 1.0));" : ""}
  if (clipping > 0) {
    vec3 judged = clipping == 1 ? own : encoded_input(at);
    float brightest = max(judged.r, max(judged.g, judged.b));
    if (brightest > 254.5 / 255.0) shown = vec3(0.95, 0.16, 0.22);
    else if (brightest < 0.5 / 255.0) shown = vec3(0.16, 0.42, 1.0);
  }
  if (reconstructed && lit && !before) {
    float share = textureLod(light, at, level).a;
    vec3 grey = vec3(dot(shown, vec3(0.25, 0.6, 0.15)) * 0.75);
    vec3 tint = share > 0.0 ? vec3(1.0, 0.66, 0.16) : vec3(0.12, 0.72, 0.85);
    shown = mix(grey, tint * (0.45 + 0.55 * grey), abs(share));
  }
  float opaque = transparent ? textureLod(photo, at, level).a : 1.0;
  colour = vec4(shown * opaque, opaque);
}`;
