export const metadata = { title: 'The shop' }

const style = { font: '1.1rem/1.6 system-ui', maxWidth: '32rem', margin: '3rem auto', padding: '0 1rem' }

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body style={style}>{children}</body>
    </html>
  )
}
