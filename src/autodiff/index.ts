export { customVjp } from "./custom-vjp.js"
export { grad, valueAndGrad, valueAndGradWithAux } from "./grad.js"
export { hessian, hvp, jacobian, jvp, vjp } from "./jacobian.js"
