// Ask each host by Go's own client.
package main

import (
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"time"
)

func main() {
	client := http.Client{Timeout: 10 * time.Second}
	met := map[string]string{}
	for _, host := range os.Args[1:] {
		answer, err := client.Get("https://" + host + "/")
		if err != nil {
			met[host] = err.Error()
		} else {
			answer.Body.Close()
			met[host] = strconv.Itoa(answer.StatusCode)
		}
	}
	json.NewEncoder(os.Stdout).Encode(met)
}
