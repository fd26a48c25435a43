// The house numbers of the Python code, for the scripts of the pages. Format is prettier's, types are tsc's.
import js from "@eslint/js";
import globals from "globals";

const HOUSE = {
  complexity: ["error", 10],
  "max-len": ["error", { code: 110, ignorePattern: "^// eslint" }],
  "max-lines": ["error", 300],
  "max-lines-per-function": ["error", 50],
  "no-unused-vars": "error",
  eqeqeq: ["error", "always", { null: "ignore" }],
  "no-var": "error",
  "prefer-const": "error",
  "no-shadow": "error",
  "no-implicit-globals": "error",
  "no-eval": "error",
  "no-console": "error",
};

export default [
  { files: ["**/*.js"], ...js.configs.recommended },
  { files: ["**/*.js"], rules: HOUSE, linterOptions: { reportUnusedDisableDirectives: "error" } },
  { files: ["src/**/*.js"], languageOptions: { globals: globals.browser } },
  { files: ["src/**/wav-worklet.js"], languageOptions: { globals: globals.audioWorklet } },
  { files: ["src/**/worker.js"], languageOptions: { globals: globals.worker } },
  { ignores: [".*/", "build/", "dist/", "demo/"] },
];
