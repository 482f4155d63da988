import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type Account, now, type Project } from "./account";
import type { Context } from "./context";
import { ApiError, conflict } from "./errors";
import { bodyOf, page } from "./requests";

/** Any other purpose is shown as `Other: …`. */
const PURPOSES = [
  "Just trying out DigitalOcean",
  "Class project / Educational purposes",
  "Website or blog",
  "Web Application",
  "Service or API",
  "Mobile Application",
  "Machine learning / AI / Data processing",
  "IoT",
  "Operational / Developer tooling",
];

const name = z.string().min(1).max(175);
const text = z.string().max(255);
const environment = z
  .string()
  .regex(/^(|development|staging|production)$/i, "must be one of Development, Staging, Production");
const creation = z.object({
  name,
  purpose: text.min(1),
  description: text.nullish(),
  environment: environment.nullish(),
});
const change = z.object({
  name: name.nullish(),
  purpose: text.nullish(),
  description: text.nullish(),
  environment: environment.nullish(),
  is_default: z.boolean().nullish(),
});
const assignment = z.object({ resources: z.array(z.string()) });

/** Projects only group resources; those in no other project are in the default one. */
export function projectRoutes(server: FastifyInstance, { account }: Context): void {
  server.post("/projects", async (request, reply) => {
    const wanted = bodyOf(creation, request);
    requireFreeName(account, wanted.name);
    const project = addProject(account, wanted.name, wanted.purpose, false);
    describe(project, wanted);
    reply.code(201);
    return { project: projectView(account, project) };
  });

  server.get("/projects", async (request) =>
    page(
      request,
      "projects",
      [...account.projects.values()].map((project) => projectView(account, project)),
    ),
  );

  server.get<{ Params: { id: string } }>("/projects/:id", async ({ params }) => ({
    project: projectView(account, account.project(params.id)),
  }));

  server.route<{ Params: { id: string } }>({
    method: ["PUT", "PATCH"],
    url: "/projects/:id",
    handler: async (request) => {
      const project = account.project(request.params.id);
      const wanted = bodyOf(change, request);
      if (wanted.name && wanted.name !== project.name) requireFreeName(account, wanted.name);
      project.name = wanted.name ?? project.name;
      describe(project, wanted);
      if (wanted.is_default) {
        for (const other of account.projects.values()) other.isDefault = other === project;
      }
      project.updatedAt = now();
      return { project: projectView(account, project) };
    },
  });

  server.delete<{ Params: { id: string } }>("/projects/:id", async ({ params }, reply) => {
    const project = account.project(params.id);
    if (project.isDefault || resourcesOf(account, project).length > 0) {
      throw new ApiError(412, "cannot delete a project with resources");
    }
    account.projects.delete(project.id);
    reply.code(204);
  });

  server.get<{ Params: { id: string } }>("/projects/:id/resources", async (request) => {
    const project = account.project(request.params.id);
    return page(
      request,
      "resources",
      resourcesOf(account, project).map((urn) => resourceView(urn, "ok")),
    );
  });

  server.post<{ Params: { id: string } }>("/projects/:id/resources", async (request) => {
    const project = account.project(request.params.id);
    const existing = new Set(assignable(account));
    const resources = bodyOf(assignment, request).resources.map((urn) => {
      if (!existing.has(urn)) return resourceView(urn, "not_found");
      if (projectOf(account, urn) === project) return resourceView(urn, "already_assigned");
      account.assignments.set(urn, project.id);
      return resourceView(urn, "assigned");
    });
    return page(request, "resources", resources);
  });
}

/** Every account has a default project. */
export function addDefaultProject(account: Account): void {
  addProject(account, "first-project", "Just trying out DigitalOcean", true);
}

function addProject(account: Account, name: string, purpose: string, isDefault: boolean): Project {
  const project: Project = {
    id: randomUUID(),
    name,
    description: "",
    purpose: "",
    environment: "",
    isDefault,
    createdAt: now(),
    updatedAt: now(),
  };
  describe(project, { purpose });
  account.projects.set(project.id, project);
  return project;
}

function describe(project: Project, wanted: z.output<typeof change>): void {
  const { purpose, description, environment } = wanted;
  if (purpose) project.purpose = PURPOSES.includes(purpose) ? purpose : `Other: ${purpose}`;
  project.description = description ?? project.description;
  project.environment = environment?.toLowerCase().replace(/^./, capital) ?? project.environment;
}

function capital(letter: string): string {
  return letter.toUpperCase();
}

function requireFreeName(account: Account, name: string): void {
  if ([...account.projects.values()].some((project) => project.name === name)) {
    throw conflict("name is already in use");
  }
}

/** The URNs of all resources that can be in a project. */
function assignable({ droplets, vpcs, reservedIps }: Account): string[] {
  return [
    ...[...droplets.keys()].map((id) => `do:droplet:${id}`),
    ...[...vpcs.values()].filter((vpc) => !vpc.default).map(({ id }) => `do:vpc:${id}`),
    ...[...reservedIps.keys()].map((address) => `do:reservedip:${address}`),
  ];
}

function projectOf(account: Account, urn: string): Project {
  return account.projects.get(account.assignments.get(urn) ?? "") ?? account.project("default");
}

function resourcesOf(account: Account, project: Project): string[] {
  return assignable(account).filter((urn) => projectOf(account, urn) === project);
}

function resourceView(urn: string, status: string): object {
  const [, kind = "", id = ""] = urn.split(":");
  return { urn, assigned_at: now(), links: { self: `/v2/${kind}s/${id}` }, status };
}

function projectView({ uuid }: Account, project: Project): object {
  const { id, name, description, purpose, environment, isDefault, createdAt, updatedAt } = project;
  return {
    id,
    owner_uuid: uuid,
    owner_id: 1000001,
    name,
    description,
    purpose,
    environment,
    is_default: isDefault,
    created_at: createdAt,
    updated_at: updatedAt,
  };
}
