export default {
  poweredByHeader: false,
  // This folder, also if it lies in another project.
  turbopack: { root: import.meta.dirname },
}
