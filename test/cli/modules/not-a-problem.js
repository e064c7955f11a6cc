export default { rhs: 1 };
