import { Component, type ComponentChildren } from 'preact';

interface BoundaryProps {
  readonly children: ComponentChildren;
  /** What is shown instead; `again` draws the children once more. */
  readonly broken: (again: () => void) => ComponentChildren;
}

/** A fault in drawing stays where it happens: what is beside it goes on. */
export class Boundary extends Component<BoundaryProps, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  static override getDerivedStateFromError(): { readonly isBroken: boolean } {
    return { isBroken: true };
  }

  /** The browser's console, and whoever listens there, still hears of it. */
  override componentDidCatch(fault: unknown): void {
    reportError(fault);
  }

  override render() {
    return this.state.isBroken ? this.props.broken(() => this.setState({ isBroken: false })) : this.props.children;
  }
}
