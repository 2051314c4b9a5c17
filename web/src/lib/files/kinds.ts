import FileArchive from '@lucide/svelte/icons/file-archive';
import FileIcon from '@lucide/svelte/icons/file';
import FileImage from '@lucide/svelte/icons/file-image';
import FileMusic from '@lucide/svelte/icons/file-music';
import FilePlay from '@lucide/svelte/icons/file-play';
import FileText from '@lucide/svelte/icons/file-text';
import type { FileKind, FileVersion } from '@safesend/shared/files/file.ts';
import { formatBytes } from '#lib/format/bytes.ts';
import { m } from '#lib/paraglide/messages.js';

export const kindIcons = {
  image: FileImage,
  video: FilePlay,
  audio: FileMusic,
  pdf: FileText,
  text: FileText,
  archive: FileArchive,
  other: FileIcon,
} satisfies Record<FileKind, unknown>;

const words: Record<FileKind, () => string> = {
  image: m.files_kind_image,
  video: m.files_kind_video,
  audio: m.files_kind_audio,
  pdf: m.files_kind_pdf,
  text: m.files_kind_text,
  archive: m.files_kind_archive,
  other: m.files_kind_other,
};

export function kindWord(kind: FileKind): string {
  return words[kind]();
}

/** Of these a picture can be made, so that a place is kept for it. */
export function hasPicture(kind: FileKind): boolean {
  return kind === 'image' || kind === 'pdf' || kind === 'video';
}

/** `PDF · 2.3 MB · version 2` */
export function versionWords({ kind, size, version }: FileVersion): string {
  const words = [kindWord(kind), formatBytes(size)];
  return [...words, ...(version > 1 ? [m.files_version({ version })] : [])].join(' · ');
}

/** As above, of a version that was followed by others: `PDF · 2.3 MB · version 1 of 4` */
export function earlierWords({ kind, size, version }: FileVersion, count: number): string {
  return [kindWord(kind), formatBytes(size), m.files_version_earlier({ version, count })].join(' · ');
}
