import { byId } from "./dom.js";
export function prepare() { byId("detail"); }
export function show() {}
