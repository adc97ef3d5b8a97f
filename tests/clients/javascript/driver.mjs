// Runs one client of JavaScript for tests/clients: reads [method, ...arguments], a line each, and answers
// {"value": …} or {"exception": the client's own name for it}.

import { createInterface } from 'node:readline';

const [name, base, token] = process.argv.slice(2);

// Each gives `described`: what its own users can tell of an error.
const clients = {
  'fhir-kit-client': async () => {
    const { Client } = await import('fhir-kit-client');
    const client = new Client({ baseUrl: base, bearerToken: token });
    return {
      described: (error) => `Error ${error.response.status}`,
      create: (resource) => client.create({ resourceType: resource.resourceType, body: resource }),
      read: (resourceType, id) => client.read({ resourceType, id }),
      update: (resource, ifMatch) =>
        client.update({
          resourceType: resource.resourceType,
          id: resource.id,
          body: resource,
          options: { headers: { 'If-Match': ifMatch } },
        }),
      delete: (resourceType, id) => client.delete({ resourceType, id }),
      search: async (resourceType, searchParams) => {
        const found = [];
        let page = await client.search({ resourceType, searchParams });
        while (page) {
          found.push(...(page.entry ?? []).map((entry) => entry.resource));
          page = await client.nextPage({ bundle: page });
        }
        return found;
      },
      history: async (resourceType, id) => (await client.history({ resourceType, id })).entry,
      transaction: (bundle) => client.transaction({ body: bundle }),
      everything: async (id) => {
        const bundle = await client.operation({ name: '$everything', resourceType: 'Patient', id, method: 'GET' });
        return bundle.entry.map((entry) => entry.resource);
      },
    };
  },
  '@medplum/core': async () => {
    const { MedplumClient, OperationOutcomeError } = await import('@medplum/core');
    const { origin, pathname } = new URL(base);
    const client = new MedplumClient({
      baseUrl: origin,
      fhirUrlPath: pathname.slice(1),
      accessToken: token,
      cacheTime: 0,
    });
    return {
      described: (error) =>
        error instanceof OperationOutcomeError ? `OperationOutcomeError ${error.outcome.issue[0].code}` : `${error}`,
      create: (resource) => client.createResource(resource),
      read: (resourceType, id) => client.readResource(resourceType, id),
      update: (resource, ifMatch) => client.updateResource(resource, { headers: { 'If-Match': ifMatch } }),
      delete: (resourceType, id) => client.deleteResource(resourceType, id),
      search: async (resourceType, criteria) => {
        const found = [];
        for await (const page of client.searchResourcePages(resourceType, criteria)) {
          found.push(...page);
        }
        return found;
      },
      history: async (resourceType, id) => (await client.readHistory(resourceType, id)).entry,
      transaction: (bundle) => client.executeBatch(bundle),
      everything: async (id) => (await client.readPatientEverything(id)).entry.map((entry) => entry.resource),
    };
  },
};

const client = await clients[name]();

for await (const line of createInterface({ input: process.stdin })) {
  const [method, ...args] = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await client[method](...args)) ?? null };
  } catch (error) {
    answer = { exception: client.described(error) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
