// Go's net/http as a visitor of Service: client URL CA FILE. Ends with 0 when all contents were right.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"time"
)

const rounds = 20

var base, file = os.Args[1], read(os.Args[3])

func main() {
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(read(os.Args[2])) {
		fail("no certificate in %s", os.Args[2])
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: trusted}
	transport.ExpectContinueTimeout = 10 * time.Second
	client := &http.Client{Transport: transport, Timeout: 15 * time.Second}

	for i := range rounds {
		reused := false
		request := request("GET", "/file", nil)
		trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
		whole("one after another", client, request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
		if i > 0 && !reused {
			fail("the connection of request %d was not used again", i)
		}
	}
	whole("no length", client, request("GET", "/chunked", nil))
	whole("with a length", client, request("POST", "/echo", bytes.NewReader(file)))
	whole("chunked", client, request("PUT", "/echo", io.MultiReader(bytes.NewReader(file))))
	continued := false
	expecting := request("POST", "/echo", bytes.NewReader(file))
	expecting.Header.Set("Expect", "100-continue")
	trace := &httptrace.ClientTrace{Got100Continue: func() { continued = true }}
	whole("100-continue", client, expecting.WithContext(httptrace.WithClientTrace(expecting.Context(), trace)))
	if !continued {
		fail("no 100 came")
	}
	over := make(chan bool)
	for range rounds {
		go func() { whole("side by side", client, request("GET", "/file", nil)); over <- true }()
	}
	for range rounds {
		<-over
	}
}

func request(method, path string, body io.Reader) *http.Request {
	request, err := http.NewRequest(method, base+path, body)
	if err != nil {
		fail("%v", err)
	}
	return request
}

func whole(what string, client *http.Client, request *http.Request) {
	response, err := client.Do(request)
	if err != nil {
		fail("%s: %v", what, err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 || !bytes.Equal(got, file) {
		fail("%s: status %d, %d of %d bytes, %v", what, response.StatusCode, len(got), len(file), err)
	}
}

func read(name string) []byte {
	content, err := os.ReadFile(name)
	if err != nil {
		fail("%v", err)
	}
	return content
}

func fail(format string, args ...any) {
	fmt.Printf(format+"\n", args...)
	os.Exit(1)
}
