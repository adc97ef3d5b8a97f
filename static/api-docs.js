// The API's description, read from this site alone. What changes records is not tried out from here.
const place = document.getElementById("api-docs");
SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  supportedSubmitMethods: ["get"],
  validatorUrl: null,
});
