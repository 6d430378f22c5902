export function installPackages(tell?: (text: string) => void, folder?: URL): Promise<boolean>;
