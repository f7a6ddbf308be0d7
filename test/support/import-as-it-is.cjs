/** Node.js's own `import`: vitest's, in the modules that it loads, would transform what is to be tested as it stands. */
exports.importAsItIs = (url) => import(url);
