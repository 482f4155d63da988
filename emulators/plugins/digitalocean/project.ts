import type { Properties, Value } from "../lib/values";
import type { Project } from "./answers";
import type { DigitalOceanClient } from "./client";
import { PROJECT, PROJECT_RESOURCES } from "./fields";
import { doing, type Work } from "./resource";

const DELETE_LIMIT = 180;

export const projects: Work = {
  fields: PROJECT,
  normalize: (inputs) => ({
    ...inputs,
    environment:
      typeof inputs.environment === "string"
        ? inputs.environment.toLowerCase().replace(/^./, (letter) => letter.toUpperCase())
        : (inputs.environment ?? null),
  }),
  create: async (api, inputs) => {
    const { project } = await doing("Error creating Project", () =>
      api.post<{ project: Project }>("/v2/projects", requestOf(inputs)),
    );
    try {
      await doing("Error creating Project", () => assign(api, project.id, urns(inputs.resources)));
      if (inputs.isDefault) {
        await doing("Error setting project as default", () =>
          api.put(`/v2/projects/${project.id}`, requestOf(inputs)),
        );
      }
    } catch (error) {
      await api.delete(`/v2/projects/${project.id}`);
      throw error;
    }
    return project.id;
  },
  read: async (api, id) => {
    const path = `/v2/projects/${id}`;
    const answer = await doing("Error reading Project", () => api.find<{ project: Project }>(path));
    if (!answer) return undefined;
    const { project } = answer;
    return {
      name: project.name,
      description: project.description,
      purpose: project.purpose.replace(/^Other: /, ""),
      environment: project.environment,
      isDefault: project.is_default,
      ownerId: project.owner_id,
      ownerUuid: project.owner_uuid,
      createdAt: project.created_at,
      updatedAt: project.updated_at,
      resources: await resourcesOf(api, id),
    };
  },
  update: async (api, id, inputs, { state, changed }) => {
    await doing("Error updating Project", () => api.put(`/v2/projects/${id}`, requestOf(inputs)));
    if (changed("resources"))
      await reassign(api, id, urns(state.resources), urns(inputs.resources));
  },
  delete: async (api, id, state) => {
    await assign(api, "default", urns(state.resources));
    const path = `/v2/projects/${id}`;
    await doing(`Error deleting project (${id})`, () =>
      api.until(DELETE_LIMIT, "deleted", async () => {
        try {
          await api.delete(path);
          return true;
        } catch (error) {
          if (/cannot delete a project with resources/.test(String(error))) return false;
          throw error;
        }
      }),
    );
  },
};

/** A project's resources, for programs that do not create the project themselves. */
export const projectResources: Work = {
  fields: PROJECT_RESOURCES,
  create: async (api, inputs) => {
    const id = String(inputs.project);
    await doing(`Error while retrieving project ${id}`, () => api.get(`/v2/projects/${id}`));
    await assign(api, id, urns(inputs.resources));
    return id;
  },
  read: async (api, id, known) => {
    const project = await doing("Error while retrieving project", () =>
      api.find(`/v2/projects/${id}`),
    );
    if (!project) return undefined;
    const existing = await resourcesOf(api, id);
    const resources = urns(known.resources).filter((urn) => existing.includes(urn));
    return { project: id, resources };
  },
  update: (api, id, inputs, { state }) =>
    reassign(api, id, urns(state.resources), urns(inputs.resources)),
  delete: async (api, id, state) => {
    const project = await doing("Error while retrieving project", () =>
      api.find(`/v2/projects/${id}`),
    );
    if (project) await assign(api, "default", urns(state.resources));
  },
};

function requestOf({ name, description, purpose, environment, isDefault }: Properties): object {
  return { name, description, purpose, environment, is_default: isDefault };
}

function urns(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

async function resourcesOf(api: DigitalOceanClient, id: string): Promise<string[]> {
  const resources = await api.list<{ urn: string }>(`/v2/projects/${id}/resources`, "resources");
  return resources.map(({ urn }) => urn);
}

async function assign(api: DigitalOceanClient, id: string, resources: string[]): Promise<void> {
  if (resources.length === 0) return;
  await doing("Error assigning resources", () =>
    api.post(`/v2/projects/${id}/resources`, { resources }),
  );
}

/** Resources that leave a project move to the default one. */
async function reassign(
  api: DigitalOceanClient,
  id: string,
  olds: string[],
  news: string[],
): Promise<void> {
  await assign(
    api,
    "default",
    olds.filter((urn) => !news.includes(urn)),
  );
  await assign(
    api,
    id,
    news.filter((urn) => !olds.includes(urn)),
  );
}
