/** Whether a URL stays on this machine, where there is nobody to listen: browsers call that potentially trustworthy. */
export function isLoopback(url: URL): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}
