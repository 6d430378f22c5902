/** The sign-in and consent page of this server: it signs every visitor in at once, as the one user it knows. */
export function signEverybodyIn(provider, grantAccess) {
  provider.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next();
    const { params } = await provider.interactionDetails(context.req, context.res);
    const { accountId, grantId } = await grantAccess(params.client_id);
    const returnTo = await provider.interactionResult(context.req, context.res, {
      login: { accountId },
      consent: { grantId },
    });
    context.redirect(returnTo);
    return undefined;
  });
}
