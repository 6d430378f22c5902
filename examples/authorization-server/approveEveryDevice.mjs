/** Approves a device authorization request (RFC 8628) at once, where a real server waits for its user. */
export function approveEveryDevice(provider, grantAccess) {
  provider.use(async (context, next) => {
    await next();
    if (context.path !== '/device/auth' || context.status !== 200) return;
    const deviceCode = await provider.DeviceCode.find(context.body.device_code);
    Object.assign(deviceCode, await grantAccess(deviceCode.clientId), {
      authTime: Math.floor(Date.now() / 1000),
      expiresWithSession: false,
    });
    await deviceCode.save();
  });
}
