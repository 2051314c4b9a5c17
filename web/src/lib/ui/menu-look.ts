/** What floats above the page: menus, lists to choose from, popovers. */
export const menuLook =
  'z-40 min-w-44 rounded-lg border border-border bg-raised p-1.5 text-ink shadow-lg outline-none data-[state=open]:animate-in data-[state=open]:fade-in-0 data-[state=open]:zoom-in-98 data-[state=closed]:animate-out data-[state=closed]:fade-out-0 duration-100';

export const menuItemLook =
  'flex min-h-8 cursor-default max-md:min-h-11 items-center gap-2.5 rounded-sm px-2.5 py-1.5 text-sm outline-none select-none data-highlighted:bg-hover data-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0';
