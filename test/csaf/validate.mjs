// Holds CSAF 2.0 documents against the schema and every mandatory test of an
// independent validator. Arguments: files. Prints one JSON object: for each
// file the failing tests with their errors.
import { readFile } from 'node:fs/promises'
import * as schema from '@secvisogram/csaf-validator-lib/schemaTests.js'
import * as mandatory from '@secvisogram/csaf-validator-lib/mandatoryTests.js'
import validate from '@secvisogram/csaf-validator-lib/validateStrict.js'

const tests = [...Object.values(schema), ...Object.values(mandatory)]
const out = { tests: tests.length, failing: {} }
for (const file of process.argv.slice(2)) {
  const result = await validate(tests, JSON.parse(await readFile(file, 'utf8')))
  const bad = result.tests.filter((t) => !t.isValid).map((t) => ({ name: t.name, errors: t.errors }))
  if (bad.length > 0 || !result.isValid) out.failing[file] = bad
}
console.log(JSON.stringify(out))
