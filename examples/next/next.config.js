export default {
  poweredByHeader: false,
  // This folder, even inside another project.
  turbopack: { root: import.meta.dirname },
}
