import { deepEqual, equal } from "node:assert/strict";
import { join, resolve } from "node:path";
import * as ts from "typescript";
import manifest from "../../../components/package.json";
import libraryConfig from "../../../tsconfig.json";

const repository = resolve(__dirname, "../../..");
/** The library's entry points, by the names under which programs import them. */
const entryPoints = new Map(
  Object.entries(manifest.exports).map(([name, path]) => [
    name.replace(/^\./, "spark-swarm"),
    join(repository, path.replace(/\.js$/, ".ts")),
  ]),
);
const config = ts.parseJsonConfigFileContent(
  {
    compilerOptions: {
      ...libraryConfig.compilerOptions,
      paths: Object.fromEntries([...entryPoints].map(([name, path]) => [name, [path]])),
    },
    files: [...entryPoints.values()],
  },
  ts.sys,
  repository,
);

/** A class or interface that an entry point exports. */
interface Exported {
  name: string;
  declaration: ts.ClassDeclaration | ts.InterfaceDeclaration;
}

function exportsOf(program: ts.Program): Exported[] {
  const checker = program.getTypeChecker();
  const symbols = [...entryPoints.values()].flatMap((path) => {
    const file = program.getSourceFile(path);
    const module = file && checker.getSymbolAtLocation(file);
    return module ? checker.getExportsOfModule(module) : [];
  });
  return symbols.flatMap((symbol) => {
    const aliased = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const [declaration] = aliased.declarations ?? [];
    const isType =
      declaration && (ts.isClassDeclaration(declaration) || ts.isInterfaceDeclaration(declaration));
    return isType ? [{ name: symbol.name, declaration }] : [];
  });
}

function isComponent({ declaration }: Exported): boolean {
  return (declaration.heritageClauses ?? []).some((clause) =>
    clause.types.some((type) => type.expression.getText() === "ComponentResource"),
  );
}

/** The code of a declaration's examples. */
function examplesOf(declaration: ts.Declaration): string[] {
  return ts
    .getJSDocTags(declaration)
    .filter(({ tagName }) => tagName.text === "example")
    .map((tag) => {
      const text = ts.getTextOfJSDocComment(tag.comment) ?? "";
      const [, code] = /^```ts\n([\s\S]*)\n```$/.exec(text.trim()) ?? [];
      if (code === undefined) throw new Error(`an example is not a block of ts: ${text}`);
      return code;
    });
}

/** What the doc comments of fields lack, including nested fields. */
function undocumented(owner: string, members: readonly ts.TypeElement[]): string[] {
  return members.filter(ts.isPropertySignature).flatMap((field) => {
    const name = `${owner}.${field.name.getText()}`;
    const tags = ts.getJSDocTags(field).map(({ tagName }) => tagName.text);
    const missing = [
      ...(ts.getJSDocCommentsAndTags(field).length === 0 ? [`${name}: doc comment`] : []),
      ...(field.questionToken && !tags.includes("default") ? [`${name}: @default`] : []),
    ];
    return [
      ...missing,
      ...literalsIn(field.type).flatMap((type) => undocumented(name, type.members)),
    ];
  });
}

/** The inline types within a type, such as in `Limits & { count: number }`. */
function literalsIn(type: ts.TypeNode | undefined): ts.TypeLiteralNode[] {
  if (!type) return [];
  if (ts.isTypeLiteralNode(type)) return [type];
  return ts.isIntersectionTypeNode(type) || ts.isUnionTypeNode(type)
    ? type.types.flatMap(literalsIn)
    : [];
}

describe("The library's documentation", function () {
  this.timeout("5m");
  let library: ts.Program;
  let exported: Exported[];

  before("read the entry points", () => {
    library = ts.createProgram(config.fileNames, config.options);
    exported = exportsOf(library);
  });

  it("has an example for each component, which compiles", () => {
    const components = exported.filter(isComponent);
    equal(components.length, 8);
    const examples = new Map<string, string>();
    for (const { name, declaration } of components) {
      const found = examplesOf(declaration);
      equal(found.length > 0, true, `${name} has no @example`);
      for (const [index, code] of found.entries()) {
        // Beside the library, so that it resolves the same packages.
        examples.set(join(repository, "components", `example-${name}-${index}.ts`), code);
      }
    }
    deepEqual(problemsIn(examples, library), []);
  });

  it("reports an example that does not compile", () => {
    const path = join(repository, "components", "example.ts");
    const code = 'import { SwarmStack } from "spark-swarm";\nnew SwarmStack("web", {});';
    const [problem] = problemsIn(new Map([[path, code]]), library);
    equal(problem?.startsWith("example.ts:2: Argument of type '{}' is not assignable"), true);
  });

  it("describes each argument, with its default if it has one", () => {
    const args = exported.filter(({ name }) => name.endsWith("Args"));
    equal(args.length >= 9, true);
    deepEqual(
      args.flatMap(({ name, declaration }) =>
        ts.isInterfaceDeclaration(declaration) ? undocumented(name, declaration.members) : [],
      ),
      [],
    );
  });
});

/** The compiler's errors for files that exist only in memory. They use the library. */
function problemsIn(files: Map<string, string>, library: ts.Program): string[] {
  const host = ts.createCompilerHost(config.options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists.call(host, path);
  host.readFile = (path) => files.get(path) ?? readFile.call(host, path);
  const program = ts.createProgram([...files.keys()], config.options, host, library);
  return [...files.keys()].flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ start = 0, messageText }) => {
        const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
        const text = ts.flattenDiagnosticMessageText(messageText, "\n");
        return `${path.slice(repository.length + "/components/".length)}:${line}: ${text}`;
      },
    );
  });
}
