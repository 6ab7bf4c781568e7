/** `it`, with some of its methods replaced; the others are its own, whatever it is made of. */
export const instead = <T extends object>(it: T, methods: Partial<T>): T =>
  new Proxy(it, {
    get: (target, name): unknown => {
      if (Object.hasOwn(methods, name)) return methods[name as keyof T]
      const own: unknown = Reflect.get(target, name)
      return typeof own === 'function' ? (own.bind(target) as unknown) : own
    },
  })
