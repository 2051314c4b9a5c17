/**
 * False in the HTML the server draws and until the page's script has taken it over. A control that only a script can
 * answer stays disabled that long, so that no click or password is lost or sent the plain way.
 */
export const awake = $state({ current: false });
