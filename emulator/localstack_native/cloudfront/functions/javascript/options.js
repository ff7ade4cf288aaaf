// The runtime of CloudFront Functions. These files are the body of one function, in the order that
// runtime.py names. A new context calls it. Python calls what the last file returns.
//
// Source: "JavaScript runtime 2.0 features for CloudFront Functions" of the CloudFront Developer
// Guide. Where it is silent, modules behave as those of njs 0.7.9.

// The identifier and the metadata of the function's key value store.
let options = { store: null };
const { parse: parseJson, stringify: toJson } = JSON;
// Functions lose these; the modules keep them.
const { from: arrayFrom } = Array;
const { hasOwn } = Object;
