/** The folders of the scanner: the trash, the main one, and what was added. */
import { Refused } from './refusal.ts'

const FOLDERS_MAX = 100
const TRASH_ID = 2
const MAIN_ID = 3

export interface Folder {
  readonly id: number
  readonly name: string
  readonly type: 'main' | 'trash' | 'custom'
}

export interface Folders {
  all(): readonly Folder[]
  main(): Folder
  has(id: number): boolean
  add(name: string): Folder
}

export function makeFolders(): Folders {
  const main: Folder = { id: MAIN_ID, name: 'My Scans', type: 'main' }
  const folders: Folder[] = [{ id: TRASH_ID, name: 'Trash', type: 'trash' }, main]
  return {
    all: () => folders,
    main: () => main,
    has: (id) => folders.some((folder) => folder.id === id),
    add(name) {
      if (folders.length >= FOLDERS_MAX) throw new Refused(500, `The simulator holds at most ${FOLDERS_MAX} folders`)
      const folder: Folder = { id: MAIN_ID + folders.length, name, type: 'custom' }
      folders.push(folder)
      return folder
    },
  }
}
