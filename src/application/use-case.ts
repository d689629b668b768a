/** Marks a use case for the container. The one place where the application meets it. */
export { injectable as UseCase } from 'inversify';
