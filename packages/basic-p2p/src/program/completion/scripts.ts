import { bashScript } from './bash-script.ts'
import type { DescribedProgram } from './described-program.ts'
import { fishScript } from './fish-script.ts'
import { zshScript } from './zsh-script.ts'

/** One kind of script for each shell that we know. */
export const scriptFor: Readonly<Record<'bash' | 'zsh' | 'fish', (program: DescribedProgram) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}
