import tseslint from "typescript-eslint"

const numeric = {
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
  "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: "only-allowed-literals" }],
  "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
  "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
  "@typescript-eslint/no-misused-spread": ["error", { allow: [{ from: "lib", name: "string" }] }],
  "@typescript-eslint/no-unnecessary-type-parameters": "off",
  // `interface XOptions extends OptionsOf<typeof fields> {}` gives a record of options a name of its own
  "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "with-single-extends" }],
  "@typescript-eslint/no-invalid-void-type": ["error", { allowAsThisParameter: true }]
}

const sameInputsSameBits = {
  "no-restricted-properties": [
    "error",
    { object: "Math", property: "random", message: "Randomness comes from explicit keys (thalweg/random)." }
  ],
  "no-restricted-globals": ["error", "Date", "performance", "process", "eval", "Function"]
}

/** Functions whose last bits JavaScript leaves to its engines; so does `**`, but for powers of two. */
const approximate = "a?(cos|sin|tan)h?|atan2|cbrt|exp|expm1|hypot|log|log10|log1p|log2|pow"

const onAnyEngine = {
  "no-restricted-syntax": [
    "error",
    ...[
      `MemberExpression[object.name='Math'][property.name=/^(${approximate})$/]`,
      "BinaryExpression[operator='**'][left.value!=2]"
    ].map(selector => ({ selector, message: "Its bits depend on the engine: see src/engine/interpreter/elementary." }))
  ]
}

export default tseslint.config(
  { ignores: ["dist", "coverage", ".docs", "examples/out", "**/*.js", "**/*.cjs", "**/*.mjs"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      ...numeric,
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "no-eval": "error",
      "no-new-func": "error",
      "no-param-reassign": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }]
    }
  },
  { files: ["src/**/*.ts", "laws/**/*.ts"], ignores: ["src/node/**"], rules: sameInputsSameBits },
  { files: ["src/**/*.ts"], rules: onAnyEngine },
  {
    files: ["src/engine/**/*.ts", "test/engine/wasm/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off", "no-param-reassign": "off" }
  }
)
