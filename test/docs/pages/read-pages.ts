/** The project's Markdown pages, and what they mention. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export interface Page {
  /** From the project's root. */
  readonly path: string
  readonly text: string
  /** The text without its code blocks. */
  readonly prose: string
  /** What stands between backquotes, blocks line by line. */
  readonly code: readonly string[]
}

/** The pages in the project's root and below `docs`, `infra` and `examples`. */
export function readPages(): Page[] {
  const below = ['docs', 'infra', 'examples'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  const paths = [...readdirSync(ROOT), ...below].filter(
    (path) => path.endsWith('.md') && !path.includes('node_modules'),
  )
  return paths.map((path) => pageOf(path, readFileSync(join(ROOT, path), 'utf8')))
}

export function pageOf(path: string, text: string): Page {
  const blocks = text.match(BLOCK) ?? []
  const prose = text.replaceAll(BLOCK, '')
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)
  return { path, text, prose, code: [...spans, ...blocks.flatMap((block) => block.split('\n').slice(1, -1))] }
}

const BLOCK = /^( *)```[^]*?^ *```$/gm

/** Where the links of a page lead within the project: a path from the root, and a heading's anchor. */
export function linksOf(page: Page): { target: string; anchor: string | undefined }[] {
  const links = [...page.prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', anchor] = link.split('#')
      return { target: path === '' ? page.path : join(page.path, '..', path), anchor }
    })
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf({ prose }: Page): string[] {
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )
}
