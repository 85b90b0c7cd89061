package look

import (
	"net/http"
	"strings"
)

const themeCookie = "tocsin_theme"

// theme is the reader's choice of colors: "light", "dark", or "" to follow
// the device. The cookie is read by the server, so that the first paint is
// right already and no script is needed; ?theme= overrides it for one page.
func theme(r *http.Request) string {
	choice := r.URL.Query().Get("theme")
	if choice == "" {
		if c, err := r.Cookie(themeCookie); err == nil {
			choice = c.Value
		}
	}
	if choice == "light" || choice == "dark" {
		return choice
	}
	return ""
}

// SetTheme answers POST /theme with the form values theme ("light", "dark",
// "auto") and back (a path on this server), keeps the choice for a year and
// sends the reader back.
func SetTheme(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	choice, back := r.PostFormValue("theme"), r.PostFormValue("back")
	cookie := http.Cookie{Name: themeCookie, Value: choice, Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil}
	switch choice {
	case "light", "dark":
	case "auto":
		cookie.Value, cookie.MaxAge = "", -1
	default:
		http.Error(w, "Choose light, dark or auto.", http.StatusUnprocessableEntity)
		return
	}
	http.SetCookie(w, &cookie)
	http.Redirect(w, r, localPath(back), http.StatusSeeOther)
}

// localPath keeps a redirect on this server: browsers read "//host" and
// "/\host" as another one.
func localPath(p string) string {
	if !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\t") {
		return "/"
	}
	return p
}
