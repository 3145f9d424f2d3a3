/** How a customer comes. */

/** How the customer came: through an ad, or a link with a `ref`. */
export type CustomerReferral =
  | { readonly source: 'ADS'; readonly adId: string; readonly ref?: string | undefined }
  | { readonly source: 'SHORTLINK'; readonly ref: string };

/** As the sandbox wants it. */
export const referralOf = (by: CustomerReferral): object =>
  by.source === 'ADS'
    ? { source: by.source, ad_id: by.adId, ref: by.ref }
    : { source: by.source, ref: by.ref };
