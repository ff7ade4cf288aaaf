// Prints the URLs that @imgproxy/imgproxy-node builds for cases.json: README.md.
import { readFileSync } from "node:fs";
import { generateImageUrl } from "@imgproxy/imgproxy-node";

const { key, salt, endpoint } = JSON.parse(readFileSync("settings.json", "utf8"));
const cases = JSON.parse(readFileSync("cases.json", "utf8"));
const plain = (source) => ({ value: encodeURIComponent(source), displayAs: "plain" });
const urls = cases.map(({ source, node: options }) =>
  options
    ? [source, plain(source)].map((url) => generateImageUrl({ endpoint, url, options, key, salt }))
    : [],
);
console.log(JSON.stringify(urls, null, 2));
