declare module "mnist" {
  const digits: { readonly [digit: number]: { readonly raw: readonly number[] } | undefined }
  export default digits
}
