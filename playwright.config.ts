import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// Where Debian keeps it. Playwright drives this build by WebDriver BiDi, no later than in its version 1.64.
const debianFirefox = '/usr/bin/firefox-esr';
const firefox = process.env['FIREFOX_PATH'] ?? (existsSync(debianFirefox) ? debianFirefox : undefined);

export default defineConfig({
  testDir: 'playwright',
  forbidOnly: Boolean(process.env['CI']),
  fullyParallel: true,
  workers: 2,
  timeout: 60_000,
  projects: [
    {
      name: 'chromium',
      use: {
        browserName: 'chromium',
        launchOptions: {
          // `npm test` names the browser it found; by default it is where Debian keeps it.
          executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
          args: ['--disable-gpu', '--disable-quic', '--disable-sync'],
          // Chromium's sandbox can't be had as root, as in a container.
          chromiumSandbox: process.getuid?.() !== 0,
        },
      },
    },
    ...(firefox
      ? [
          {
            name: 'firefox',
            // What needs Chromium's own protocol: crashes, quotas, the back/forward cache.
            grepInvert: /@chromium/,
            use: {
              browserName: 'firefox' as const,
              channel: 'moz-firefox',
              launchOptions: { executablePath: firefox },
            },
          },
        ]
      : []),
  ],
});
