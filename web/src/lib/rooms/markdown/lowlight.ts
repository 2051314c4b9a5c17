// By itself, so that the builder leaves out what is not named: the grammars that the library carries along.
export { createLowlight } from 'lowlight';
