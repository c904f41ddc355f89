// Elements of the page, by the kind that they are: `index.html` says which kind has which name.

/** @param {string} id */
export const byId = (id) => document.getElementById(id);
/** @param {string} id */
export const buttonById = (id) => /** @type {HTMLButtonElement} */ (byId(id));
/** @param {string} id */
export const canvasById = (id) => /** @type {HTMLCanvasElement} */ (byId(id));
/** @param {string} id */
export const dialogById = (id) => /** @type {HTMLDialogElement} */ (byId(id));

/**
 * The first input in `root` that a selector finds.
 * @param {ParentNode} root
 * @param {string} selector
 */
export const inputIn = (root, selector) => /** @type {HTMLInputElement} */ (root.querySelector(selector));
/**
 * All inputs of this name.
 * @param {string} name
 */
export const inputsNamed = (name) => /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(`[name=${name}]`));

/**
 * The element that an event happened to.
 * @param {Event} event
 */
export const targetOf = (event) => /** @type {HTMLElement} */ (event.target);
