// The picture drawn by the graphics card: textures and one triangle.

import { toHalf } from "../light/camera.js";
import { P3, SRGB, canvasSpace, conversion, luminances, same } from "../light/colours.js";
import { SQRT } from "../light/curves.js";
import { kindOf, setCurve } from "./curves.js";
import { setDeveloping } from "./develop.js";
import { VERTEX, fragment } from "./shader.js";

export class WebglRenderer {
  /** @type {(() => void) | null} */
  onrestored = null;

  /** Throws where there is no WebGL2. */
  constructor(canvas) {
    this.canvas = canvas;
    this.gl = canvas.getContext("webgl2", { alpha: true, antialias: false, depth: false, powerPreference: "high-performance" });
    if (!this.gl) throw new Error("no WebGL2");
    this.#start();
    // A driver that was reset gives the context back empty.
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.#start();
      this.onrestored?.();
    });
  }

  get maxSidePx() {
    return this.gl.getParameter(this.gl.MAX_TEXTURE_SIZE);
  }

  #start() {
    const { gl } = this;
    this.#compile(kindOf(SQRT), null);
    // Reduced levels of a half-float texture are drawn by the card, which not every one can.
    this.reduces = Boolean(gl.getExtension("EXT_color_buffer_float") || gl.getExtension("EXT_color_buffer_half_float"));
    this.textures = Array.from({ length: 4 }, () => gl.createTexture());
    this.weights = luminances(SRGB);
    this.lit = this.drawn = false;
  }

  #compile(...kinds) {
    const { gl } = this;
    this.kinds = String(kinds);
    const program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, fragment(...kinds)]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    const places = new Map(); // asking the driver each time is slow
    this.at = (name) => places.get(name) ?? places.set(name, gl.getUniformLocation(program, name)).get(name);
    gl.uniform1i(this.at("photo"), 0);
    gl.uniform1i(this.at("light"), 1);
    gl.uniform1i(this.at("map"), 2);
    gl.uniform1i(this.at("drawn"), 3);
  }

  #fill(unit, upload, reduces) {
    const { gl } = this;
    gl.deleteTexture(this.textures[unit]); // a new one: storage of another size and its levels go for sure
    this.textures[unit] = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, this.textures[unit]);
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    upload();
    const set = (name, value) => gl.texParameteri(gl.TEXTURE_2D, name, value);
    set(gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    set(gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    set(gl.TEXTURE_MAG_FILTER, gl.NEAREST); // enlarged pixels are to be seen as pixels
    set(gl.TEXTURE_MIN_FILTER, reduces ? gl.LINEAR_MIPMAP_LINEAR : gl.LINEAR);
    if (reduces) gl.generateMipmap(gl.TEXTURE_2D);
  }

  /** Show a photo: an ImageBitmap, or RGBA bytes with their size. Its light is not there yet. */
  setPhoto(photo, width, height) {
    const { gl } = this;
    this.width = width;
    this.height = height;
    this.lit = this.drawn = false;
    this.#fill(0, () => {
      if (photo instanceof ImageBitmap) gl.texImage2D(gl.TEXTURE_2D, 0, gl.SRGB8_ALPHA8, gl.RGBA, gl.UNSIGNED_BYTE, photo);
      else gl.texImage2D(gl.TEXTURE_2D, 0, gl.SRGB8_ALPHA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, photo);
    }, true);
  }

  /** The photo's light: RGBA half floats of the photo's size, and what developing needs beside it. */
  setLight(halves, map, weights) {
    const { gl } = this;
    this.weights = weights;
    this.setMap(map);
    this.#fill(1, () => {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA16F, this.width, this.height, 0, gl.RGBA, gl.HALF_FLOAT, halves);
    }, this.reduces);
    this.lit = true;
  }

  /** What developing needs, where that changed: with detail surroundings are others. */
  setMap({ rows, columns, values }) {
    const { gl } = this;
    this.#fill(2, () => {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA16F, columns, rows, 0, gl.RGBA, gl.HALF_FLOAT, Uint16Array.from(values, toHalf));
    }, false);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  }

  /** What detail adds to that light. */
  setDrawn({ rows, columns, stops }) {
    const { gl } = this;
    this.#fill(3, () => {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA16F, columns, rows, 0, gl.RGBA, gl.HALF_FLOAT, stops);
    }, false);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    this.drawn = true;
  }

  /** The colour space of the photo's numbers (most phones' are Display P3), and the curve that its light was decoded by. */
  setColours(space, curve) {
    const { gl } = this;
    const wide = "drawingBufferColorSpace" in gl;
    if (wide) gl.drawingBufferColorSpace = canvasSpace(space);
    const target = wide ? P3 : SRGB;
    const converted = !same(space, SRGB) && !same(space, target);
    const kinds = [kindOf(curve), converted ? kindOf(space.curve) : null];
    if (String(kinds) !== this.kinds) this.#compile(...kinds);
    setCurve(gl, this.at, "light", curve);
    if (!converted) return;
    setCurve(gl, this.at, "space", space.curve);
    gl.uniformMatrix3fv(this.at("to_canvas"), true, conversion(space, target));
  }

  /** Draw what `look` asks for, see `View.look`. */
  draw(look) {
    const { gl, canvas } = this;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.uniform2f(this.at("size_px"), this.width, this.height);
    gl.uniform3f(this.at("view"), look.x, look.y, look.scale);
    gl.uniform1f(this.at("canvas_height_px"), canvas.height);
    gl.uniform1f(this.at("level"), Math.max(0, -Math.log2(look.scale)));
    gl.uniform1f(this.at("factor"), 2 ** look.ev);
    gl.uniform1f(this.at("detail"), this.drawn ? look.detail : 0);
    setDeveloping(gl, this.at, look, this.weights, this.width, this.height);
    gl.uniform1f(this.at("divider_px"), look.dividerPx);
    gl.uniform2f(this.at("split_px"), ...look.split);
    for (const flag of ["plain", "transparent", "reconstructed"]) gl.uniform1i(this.at(flag), look[flag]);
    gl.uniform1i(this.at("plain_before"), look.plainBefore);
    gl.uniform1i(this.at("lit"), this.lit);
    gl.uniform1i(this.at("clipping"), look.clipping);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}
